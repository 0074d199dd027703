//! Requests that are known to abort llama.cpp, or to be able to: each is refused or survived, and the worker lives.

use crate::{Models, TENANT, read_to_end, request};
use gyre_engine_ipc::{ChatStream, Engine, EngineError, Finish, FinishReason};
use serde_json::{Value, json};

/// The same worker still answers.
pub(crate) async fn lives(engine: &Engine) {
    let mut stream = engine
        .chat("talk", TENANT, request("x", 3))
        .await
        .expect("starts");
    assert_eq!(read_to_end(&mut stream).await.expect("ends").0.len(), 3);
    assert_eq!(engine.status().restarts, 0);
}

pub(crate) async fn complete(
    engine: &Engine,
    model: &str,
    json: Vec<u8>,
) -> Result<(String, Finish), EngineError> {
    read_to_end(&mut engine.chat(model, TENANT, json).await?).await
}

fn formatted(schema: &Value) -> Vec<u8> {
    json!({ "messages": [{ "role": "user", "content": "x" }], "sampling": { "temperature": 1, "seed": 5 },
        "budget": { "max_tokens": 60 }, "format": { "type": "json_schema", "schema": schema } })
    .to_string()
    .into_bytes()
}

/// llama.cpp aborts on a batch larger than `n_batch`: prompts are cut into what fits, over all sequences.
#[tokio::test(flavor = "multi_thread")]
async fn prompts_that_are_larger_than_a_batch_together() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let mut streams: Vec<ChatStream> = Vec::new();
    for text in ["a", "b", "c", "d", "e", "f"] {
        let json = request(&text.repeat(900), 20);
        streams.push(engine.chat("talk", TENANT, json).await.expect("starts"));
    }
    for stream in &mut streams {
        assert_eq!(read_to_end(stream).await.expect("ends").0.len(), 20);
    }
    lives(&engine).await;
}

/// An overfull KV cache aborts: room is taken at admission, and a sequence ends where its own is full.
#[tokio::test(flavor = "multi_thread")]
async fn more_conversations_than_memory_each_longer_than_its_context() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let mut streams: Vec<ChatStream> = Vec::new();
    for text in ["a", "b", "c", "d", "e", "f"] {
        let json = request(&text.repeat(950), 100_000);
        streams.push(engine.chat("talk", TENANT, json).await.expect("starts"));
    }
    for stream in &mut streams {
        let (_, finish) = read_to_end(stream).await.expect("ends");
        assert_eq!(finish.reason, FinishReason::Length);
    }
    lives(&engine).await;
}

/// A deep grammar overflows the stack of its parser: depth is bounded before llama.cpp sees it.
#[tokio::test(flavor = "multi_thread")]
async fn a_schema_of_twenty_thousand_levels() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    for levels in [33, 120, 20_000] {
        let schema = format!(
            "{}{{}}{}",
            r#"{"type":"array","items":"#.repeat(levels),
            "}".repeat(levels)
        );
        let json = format!(
            r#"{{"messages":[{{"role":"user","content":"x"}}],"format":{{"type":"json_schema","schema":{schema}}}}}"#
        );
        let error = complete(&engine, "talk", json.into_bytes())
            .await
            .expect_err("is too deep");
        assert_eq!(error.kind(), "invalid", "{levels}: {error}");
    }
    lives(&engine).await;
}

/// Grammars that are short to write and large to expand, that allow nothing, or that lead nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn schemas_that_explode_or_allow_nothing() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    for schema in [
        json!({ "enum": [] }),
        json!({ "not": {} }),
        json!(false),
        json!({ "$ref": "#" }),
        json!({ "anyOf": [] }),
        json!({ "type": "array", "items": { "type": "null" }, "minItems": 4_000_000_000_u64 }),
        json!({ "type": "array", "items": { "type": "null" }, "minItems": 9, "maxItems": 2 }),
        json!({ "type": "string", "minLength": 4_000_000_000_u64 }),
        json!({ "type": "string", "maxLength": -1 }),
        json!({ "type": "string", "pattern": "^((a{999}){999}){999}$" }),
        json!({ "type": "string", "pattern": "^(((((((((((a*)*)*)*)*)*)*)*)*)*)*)*$" }),
        json!({ "type": "string", "pattern": "^[z-a]$" }),
        json!({ "type": "string", "pattern": "^(?=(a+))\\1$" }),
        json!({ "type": "string", "pattern": format!("^{}a{}$", "(".repeat(5_000), ")".repeat(5_000)) }),
        json!({ "type": "string", "pattern": "^(" }),
        json!({ "type": "string", "pattern": "^\u{0}$" }),
        json!({ "type": "integer", "minimum": 9, "maximum": 1 }),
        json!({ "type": "integer", "minimum": -9_223_372_036_854_775_807_i64, "maximum": 9_223_372_036_854_775_807_i64 }),
        json!({ "type": "integer", "minimum": 1e300 }),
        json!({ "type": "nonsense" }),
        json!({ "type": ["string", "string", 7] }),
        json!({ "$ref": "https://nowhere.invalid/schema.json" }),
        json!({ "allOf": [{ "$ref": "#/$defs/a" }], "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/a" }] } } }),
        json!({ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } } }),
    ] {
        // It may be met or refused; what counts is that it is told and that others go on.
        let outcome = complete(&engine, "talk", formatted(&schema)).await;
        if let Err(error) = &outcome {
            assert!(
                matches!(error.kind(), "invalid" | "internal"),
                "{schema}: {} {error}",
                error.kind()
            );
        }
        lives(&engine).await;
    }
}

/// Accepting a token that the grammar does not allow throws through C++: the choice is checked first.
#[tokio::test(flavor = "multi_thread")]
async fn a_grammar_under_every_kind_of_sampling() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    for sampling in [
        json!({ "temperature": 0 }),
        json!({ "temperature": 100, "top_k": 1_000_000, "seed": 1 }),
        json!({ "temperature": 1, "top_p": 1e-9, "seed": 1 }),
        json!({ "temperature": 1, "top_k": 1, "seed": 1 }),
        json!({ "temperature": 1e-30, "repeat_penalty": 10, "repeat_last_n": 4_000_000_000_u32, "seed": 1 }),
        json!({ "temperature": 1, "repeat_penalty": 1e-30, "seed": 18_446_744_073_709_551_615_u64 }),
    ] {
        let json = json!({ "messages": [{ "role": "user", "content": "x" }], "sampling": sampling,
            "budget": { "max_tokens": 60 },
            "format": { "type": "json_schema", "schema": { "enum": ["red", "green"] } } });
        let outcome = complete(&engine, "talk", json.to_string().into_bytes()).await;
        match outcome {
            Ok((text, _)) => assert!(
                ["\"red\"", "\"green\""].contains(&text.as_str()),
                "{sampling}: {text}"
            ),
            Err(error) => assert_eq!(error.kind(), "internal", "{sampling}: {error}"),
        }
        lives(&engine).await;
    }
}

/// What a text may hold and what it may not.
#[tokio::test(flavor = "multi_thread")]
async fn texts_of_control_bytes_and_bytes_that_are_no_text() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let controls: String = (0..32_u8).map(char::from).collect();
    for text in [
        "",
        " ",
        &controls,
        "\u{0}",
        "\u{feff}\u{200b}\u{202e}",
        "\u{10ffff}",
        "\u{fdd0}",
    ] {
        let json =
            json!({ "messages": [{ "role": "user", "content": text }], "budget": { "max_tokens": 3 } });
        complete(&engine, "talk", json.to_string().into_bytes())
            .await
            .unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let embedded = engine.embed("letters", vec![text.to_owned(), "x".into()]).await;
        assert!(embedded.is_ok(), "{text:?}: {embedded:?}");
    }
    for json in [
        &b""[..],
        b"\xff\xfe\x00",
        b"{\"messages\":[{\"role\":\"user\",\"content\":\"\xff\xfe\"}]}",
        br#"{"messages":[{"role":"user","content":"\ud800"}]}"#,
        b"{\"messages\":[{\"role\":\"user\",\"content\":\"a\nb\"}]}",
    ] {
        let error = complete(&engine, "talk", json.to_vec())
            .await
            .expect_err("is no text");
        assert_eq!(error.kind(), "invalid", "{error}");
    }
    lives(&engine).await;
}
