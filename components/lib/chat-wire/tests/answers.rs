//! What servers answer, and that clients read it back.

use gyre_chat_wire::{
    ApiError, ChatEvent, Choice, ChunkReader, ChunkWriter, Completion, Embeddings, Encoding, Endpoint,
    Failure, FinishReason, Logprobs, ModelEntry, Overflow, StreamError, TokenLogprob, ToolCall, ToolCallPart,
    Usage, parse_completion, parse_embeddings, parse_error, parse_models, render_embeddings, render_models,
};

const USAGE: Usage = Usage {
    prompt_tokens: 3,
    completion_tokens: 2,
    cached_prompt_tokens: None,
};

fn likely(bytes: &[u8], logprob: f32) -> Logprobs {
    let token = |bytes: &[u8], logprob| TokenLogprob {
        bytes: bytes.to_vec(),
        logprob,
    };
    Logprobs {
        chosen: token(bytes, logprob),
        top: vec![token(bytes, logprob), token(b"\xc3", -2.0)],
    }
}

#[test]
fn likelihoods_have_openai_s_shape_and_are_read_back() {
    let all = [likely("é".as_bytes(), -0.5)];
    let wanted = serde_json::json!({ "refusal": null, "content": [{
        "token": "é", "bytes": [195, 169], "logprob": -0.5, "top_logprobs": [
            { "token": "é", "bytes": [195, 169], "logprob": -0.5 },
            { "token": "\u{fffd}", "bytes": [195], "logprob": -2.0 },
        ] }] });
    let mut whole = completion();
    whole.choice.logprobs = all.to_vec();
    assert_eq!(whole.to_json()["choices"][0]["logprobs"], wanted);
    let event = writer(false).logprobs(&all);
    let chunk: serde_json::Value = serde_json::from_str(event.trim_start_matches("data: ")).unwrap();
    assert_eq!(chunk["choices"][0]["logprobs"], wanted);
    let mut reader = ChunkReader::new();
    let events = reader.push(event.as_bytes()).unwrap();
    assert_eq!(events[1..], [ChatEvent::Logprobs(all.to_vec())]);
    // Some servers tell no bytes, and no alternatives.
    let bare = r#"data: {"model":"m","choices":[{"delta":{"content":"é"},"logprobs":{"content":[{"token":"é","logprob":-1}]}}]}"#;
    let events = reader.push(format!("{bare}\n\n").as_bytes()).unwrap();
    let told = Logprobs {
        chosen: TokenLogprob {
            bytes: "é".into(),
            logprob: -1.0,
        },
        top: vec![],
    };
    assert_eq!(
        events,
        [ChatEvent::Logprobs(vec![told]), ChatEvent::Text("é".into())]
    );
}

fn completion() -> Completion {
    Completion {
        id: "chatcmpl-1".into(),
        created: 7,
        model: "m".into(),
        choice: Choice {
            content: "hi".into(),
            tool_calls: vec![],
            logprobs: vec![],
            finish_reason: FinishReason::Stop,
        },
        usage: USAGE,
    }
}

#[test]
fn a_completion_has_openai_s_shape() {
    assert_eq!(
        completion().to_json(),
        serde_json::json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 7, "model": "m",
            "choices": [{
                "index": 0, "logprobs": null, "finish_reason": "stop",
                "message": { "role": "assistant", "content": "hi", "refusal": null },
            }],
            "usage": { "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 },
        })
    );
}

#[test]
fn completions_are_read_back() {
    let calls = vec![ToolCall {
        id: "c".into(),
        name: "t".into(),
        arguments: "{}".into(),
    }];
    let choice = Choice {
        content: String::new(),
        tool_calls: calls,
        logprobs: vec![likely(b"a", -0.5)],
        finish_reason: FinishReason::ToolCalls,
    };
    for whole in [
        completion(),
        Completion {
            choice,
            ..completion()
        },
    ] {
        assert_eq!(
            parse_completion(whole.to_json().to_string().as_bytes()),
            Ok(whole)
        );
    }
    assert!(parse_completion(b"<html>").is_err());
}

fn writer(include_usage: bool) -> ChunkWriter {
    ChunkWriter::new("chatcmpl-1".into(), 7, "m".into(), include_usage)
}

#[test]
fn chunks_have_openai_s_shape() {
    let head = r#"data: {"choices":[{"delta":"#;
    let tail = r#","finish_reason":null,"index":0,"logprobs":null}],"created":7,"id":"chatcmpl-1","model":"m","object":"chat.completion.chunk"}"#;
    assert_eq!(
        writer(false).role(),
        format!(
            "{head}{}{tail}\n\n",
            r#"{"content":"","refusal":null,"role":"assistant"}"#
        )
    );
    assert_eq!(
        writer(false).text("a\nb"),
        format!("{head}{}{tail}\n\n", r#"{"content":"a\nb"}"#)
    );
    assert!(writer(true).text("a").contains(r#""usage":null"#));
    let end = writer(true).end(FinishReason::Length, USAGE);
    let events: Vec<&str> = end.split("\n\n").collect();
    assert_eq!(events.len(), 4, "{end}");
    assert!(events[0].contains(r#""finish_reason":"length""#));
    assert!(events[1].contains(r#""choices":[]"#) && events[1].contains(r#""total_tokens":5"#));
    assert_eq!(&events[2..], ["data: [DONE]", ""]);
    assert!(!writer(false).end(FinishReason::Stop, USAGE).contains("usage"));
}

#[test]
fn streams_are_read_back() {
    let parts = [
        ToolCallPart {
            index: 0,
            id: Some("c".into()),
            name: Some("t".into()),
            arguments: "{".into(),
        },
        ToolCallPart {
            index: 0,
            id: None,
            name: None,
            arguments: "}".into(),
        },
    ];
    let writer = writer(true);
    let body = [
        writer.role(),
        writer.text("hé"),
        writer.tool_call(&parts[0]),
        writer.tool_call(&parts[1]),
        writer.end(FinishReason::ToolCalls, USAGE),
    ]
    .concat();
    let mut reader = ChunkReader::new();
    // One byte at a time, the worst of networks.
    let events: Vec<_> = body
        .bytes()
        .flat_map(|byte| reader.push(&[byte]).unwrap())
        .collect();
    let [first, second] = parts;
    let wanted = [
        ChatEvent::Model("m".into()),
        ChatEvent::Text("hé".into()),
        ChatEvent::ToolCall(first),
        ChatEvent::ToolCall(second),
        ChatEvent::Finish(FinishReason::ToolCalls),
        ChatEvent::Usage(USAGE),
    ];
    assert_eq!(events, wanted);
    assert!(reader.is_done());
    assert_eq!(reader.finish(), Ok(()));
}

#[test]
fn a_stream_without_its_end_is_cut() {
    let body = [writer(false).role(), writer(false).text("half")].concat();
    let mut reader = ChunkReader::new();
    assert_eq!(reader.push(body.as_bytes()).unwrap().len(), 2);
    assert_eq!(reader.finish(), Err(StreamError::Cut));
}

#[test]
fn a_failure_in_a_stream_is_told() {
    let failed: ApiError = Failure::Internal("the worker died".into()).into();
    let event = failed.to_event();
    assert!(
        event.starts_with(r#"data: {"error":{"#) && !event.contains("[DONE]"),
        "{event}"
    );
    let mut reader = ChunkReader::new();
    reader.push(writer(false).text("half").as_bytes()).unwrap();
    assert_eq!(reader.push(event.as_bytes()), Err(StreamError::Failed(failed)));
}

#[test]
fn a_chunk_that_is_none_is_unreadable() {
    assert!(matches!(
        ChunkReader::new().push(b"data: hello\n\n"),
        Err(StreamError::Unreadable(_))
    ));
    assert!(matches!(
        ChunkReader::new().push(b"data: {}\n\n"),
        Err(StreamError::Unreadable(_))
    ));
}

#[test]
fn embeddings_are_read_back_in_both_encodings() {
    let made = Embeddings {
        model: "e".into(),
        vectors: vec![vec![0.5, -1.25], vec![1.0e-7, 3.0]],
        prompt_tokens: 4,
    };
    for encoding in [Encoding::Float, Encoding::Base64] {
        let body = render_embeddings(&made, encoding).to_string();
        assert_eq!(
            parse_embeddings(body.as_bytes(), 2),
            Ok(made.clone()),
            "{encoding:?}"
        );
    }
    let body = render_embeddings(&made, Encoding::Base64);
    assert_eq!(body["data"][0]["embedding"], "AAAAPwAAoL8=");
    assert_eq!(
        body["usage"],
        serde_json::json!({ "prompt_tokens": 4, "total_tokens": 4 })
    );
    assert!(parse_embeddings(body.to_string().as_bytes(), 3).is_err());
}

#[test]
fn embeddings_out_of_place_are_refused() {
    for data in [
        r#"[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]"#,
        r#"[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]"#,
        r#"[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]"#,
        r#"[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]"#,
        r#"[{"index":0,"embedding":"AAA="},{"index":1,"embedding":"AAA="}]"#,
    ] {
        let body = format!(r#"{{"model":"e","data":{data}}}"#);
        assert!(parse_embeddings(body.as_bytes(), 2).is_err(), "{data}");
    }
}

#[test]
fn model_lists_are_read_back() {
    let models = vec![ModelEntry {
        id: "m".into(),
        owned_by: "model-local".into(),
        abilities: vec!["chat".into()],
    }];
    let body = render_models(&models);
    assert_eq!(body["data"][0]["object"], "model");
    assert_eq!(parse_models(body.to_string().as_bytes()), Ok(models));
    assert_eq!(
        parse_models(br#"{"data":[{"id":"other-server"}]}"#).unwrap()[0]
            .abilities
            .len(),
        0
    );
}

#[test]
fn failures_have_their_status() {
    let overflow = Failure::ContextTooLong {
        limit_tokens: 8,
        requested_tokens: 9,
    };
    for (failure, status, code) in [
        (Failure::ModelNotFound("x".into()), 404, "model_not_found"),
        (overflow, 400, "context_length_exceeded"),
        (
            Failure::Overloaded {
                retry_after_ms: 1_200,
            },
            429,
            "overloaded",
        ),
        (Failure::BudgetExhausted("x".into()), 429, "budget_exhausted"),
        (Failure::Cancelled, 499, "cancelled"),
        (Failure::Unsupported("x".into()), 400, "unsupported"),
        (Failure::Invalid("x".into()), 400, "invalid_value"),
        (Failure::Internal("x".into()), 500, "internal"),
    ] {
        let error = ApiError::from(failure);
        assert_eq!((error.status, error.code.as_deref()), (status, Some(code)));
        let read = parse_error(status, error.to_json().to_string().as_bytes());
        assert_eq!(
            read,
            ApiError {
                retry_after_ms: None,
                ..error
            }
        );
    }
    assert_eq!(
        ApiError::from(Failure::Overloaded {
            retry_after_ms: 1_200
        })
        .retry_after_s(),
        Some(2)
    );
    assert_eq!(parse_error(502, b"<html>").code.as_deref(), Some("unreadable"));
}

#[test]
fn an_overflow_keeps_its_numbers() {
    let sent = ApiError::from(Failure::ContextTooLong {
        limit_tokens: 8,
        requested_tokens: 9,
    });
    let read = parse_error(400, sent.to_json().to_string().as_bytes());
    assert_eq!(
        read.overflow.as_deref(),
        Some(&Overflow {
            limit: 8,
            requested: 9
        })
    );
    let other = ApiError::new(400, "invalid_value", "x").to_json();
    assert!(other["error"].get("n_ctx").is_none(), "{other}");
}

#[test]
fn a_model_is_named_when_its_name_comes_and_only_one_choice_is_read() {
    let mut reader = ChunkReader::new();
    let nameless = r#"data: {"model":"","choices":[]}"#;
    let named = r#"data: {"model":"m","choices":[]}"#;
    let events = reader.push(format!("{nameless}\n\n{named}\n\n{named}\n\n").as_bytes());
    assert_eq!(events, Ok(vec![ChatEvent::Model("m".into())]));
    let second = r#"data: {"model":"m","choices":[{"index":1,"delta":{"content":"x"}}]}"#;
    assert!(matches!(
        reader.push(format!("{second}\n\n").as_bytes()),
        Err(StreamError::Unreadable(_))
    ));
}

#[test]
fn paths_below_a_base_are_those_of_the_wire() {
    for endpoint in [Endpoint::Chat, Endpoint::Embeddings, Endpoint::Models] {
        assert_eq!(format!("/v1{}", endpoint.below_base()), endpoint.path());
    }
}
