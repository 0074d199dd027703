//! What a server of Gemini's API does wrong in an answer; vectors and models.

use gyre_chat_wire::StreamError;
use gyre_gemini_wire::{
    AnswerError, AnswerReader, Asked, TEXTS_MAX, embedding_request_json, parse_answer, parse_embeddings,
    parse_models,
};
use serde_json::{Value, json};

fn stream(chunks: &[Value]) -> Result<(), StreamError> {
    let mut reader = AnswerReader::new("m");
    for chunk in chunks {
        reader.push(format!("data: {chunk}\n\n").as_bytes())?;
    }
    reader.finish()
}

fn parts(parts: Value) -> Value {
    json!({ "candidates": [{ "content": { "role": "model", "parts": parts } }] })
}

fn end(reason: &str) -> Value {
    json!({ "candidates": [{ "finishReason": reason }] })
}

#[test]
fn answers_that_are_none() {
    assert_eq!(
        stream(&[parts(json!([{ "text": "a" }])), end("MAX_TOKENS")]),
        Ok(())
    );
    for chunk in [
        parts(json!([{ "inlineData": { "mimeType": "image/png", "data": "" } }])),
        parts(json!([{ "executableCode": {} }])),
        parts(json!([{ "text": 1 }])),
        parts(json!([{ "functionCall": { "name": "f", "willContinue": true } }])),
        parts(json!([{ "functionCall": {} }])),
        json!({ "candidates": [{ "index": 1 }] }),
    ] {
        assert!(
            matches!(
                stream(std::slice::from_ref(&chunk)),
                Err(StreamError::Unreadable(_))
            ),
            "{chunk}"
        );
        let asked = Asked {
            model: "m",
            created_s: 0,
        };
        let whole = parse_answer(chunk.to_string().as_bytes(), asked);
        assert!(matches!(whole, Err(AnswerError::Unreadable(_))), "{chunk}");
    }
    let twice = stream(&[end("STOP"), end("STOP")]);
    assert!(matches!(twice, Err(StreamError::Unreadable(_))), "{twice:?}");
    for reason in ["MALFORMED_FUNCTION_CALL", "OTHER", "A_REASON_OF_TOMORROW"] {
        let failed = stream(&[end(reason)]);
        let Err(StreamError::Failed(error)) = failed else {
            panic!("{failed:?}");
        };
        assert_eq!((error.status, error.message.contains(reason)), (502, true));
    }
    let busy =
        json!({ "error": { "code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE" } });
    let failed = stream(&[parts(json!([{ "text": "a" }])), busy]);
    assert!(matches!(failed, Err(StreamError::Failed(error)) if error.status == 503));
    let unclear = stream(&[json!({ "error": "no" })]);
    assert!(matches!(unclear, Err(StreamError::Failed(error)) if error.status == 500));
}

#[test]
fn vectors() {
    let texts = ["a".to_owned(), "b".to_owned()];
    let body: Value = serde_json::from_slice(&embedding_request_json("e", &texts).unwrap()).unwrap();
    let request = |text: &str| json!({ "model": "models/e", "content": { "parts": [{ "text": text }] } });
    assert_eq!(body, json!({ "requests": [request("a"), request("b")] }));
    for texts in [vec![], vec!["a".to_owned(); TEXTS_MAX + 1]] {
        let error = embedding_request_json("e", &texts).expect_err("too few or many");
        assert_eq!(error.param.as_deref(), Some("input"));
    }
    let answer =
        br#"{"embeddings":[{"values":[0.5,1]},{"values":[0,-1]}],"usageMetadata":{"promptTokenCount":2}}"#;
    let read = parse_embeddings(answer, "e", 2).unwrap();
    assert_eq!((read.vectors[1][1], read.prompt_tokens), (-1.0, 2));
    assert!(parse_embeddings(answer, "e", 3).is_err());
    for ragged in [
        &br#"{"embeddings":[{"values":[1]},{"values":[]}]}"#[..],
        br#"{"embeddings":[{}]}"#,
    ] {
        assert!(parse_embeddings(ragged, "e", 2).is_err());
    }
}

#[test]
fn models() {
    let body = json!({ "models": [
        { "name": "models/gemini-2.5-flash", "supportedGenerationMethods": ["generateContent", "countTokens"] },
        { "name": "models/gemini-embedding-001", "supportedGenerationMethods": ["embedContent"] },
        { "name": "models/imagen", "supportedGenerationMethods": ["predict"] },
        { "name": "tunedModels/mine", "supportedGenerationMethods": ["generateContent"] },
    ], "nextPageToken": "t" });
    let page = parse_models(body.to_string().as_bytes()).unwrap();
    let listed: Vec<_> = page
        .models
        .iter()
        .map(|it| (it.id.as_str(), it.abilities[0].as_str()))
        .collect();
    let wanted = [
        ("gemini-2.5-flash", "chat"),
        ("gemini-embedding-001", "embedding"),
        ("tunedModels/mine", "chat"),
    ];
    assert_eq!(listed, wanted);
    assert_eq!(page.page_token.as_deref(), Some("t"));
    assert_eq!(parse_models(b"{}").unwrap().page_token, None);
}
