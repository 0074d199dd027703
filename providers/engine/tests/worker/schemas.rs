//! Schemas known to keep llama.cpp busy, to fill its stack or to end it: refused, and the worker lives.

use crate::{Models, TENANT, read_all};
use gyre_engine_ipc::Engine;
use serde_json::{Value, json};

fn many(count: usize, of: impl Fn(usize) -> (String, Value)) -> Value {
    Value::Object((0..count).map(of).collect())
}

/// Each with a part of why it is refused.
fn hostile() -> Vec<(Value, &'static str)> {
    let number = |at: usize| (at.to_string(), json!({}));
    let deep = (0..60).fold(json!({}), |inner, _| json!({ "items": inner }));
    let types = (0..9).fold(
        json!({}),
        |inner, _| json!({ "type": vec!["array"; 10], "items": inner }),
    );
    let chain = many(1_000, |at| {
        (
            at.to_string(),
            json!({ "items": { "$ref": format!("#/$defs/{}", at + 1) } }),
        )
    });
    let within = json!({ "allOf": [{ "$ref": "#/$defs/a" }], "$defs": { "a": { "$ref": "#/$defs/a" } } });
    vec![
        (deep, "levels"),
        (json!({ "enum": ["x".repeat(40_000)] }), "bytes"),
        (types, "schemas"),
        (json!({ "$ref": "#/$defs/0", "$defs": chain }), "too large"),
        (
            json!({ "type": "object", "properties": many(2_000, number) }),
            "properties",
        ),
        (
            json!({ "type": "object", "properties": { "x".repeat(20_000): {} }, "additionalProperties": true }),
            "name",
        ),
        (json!({ "enum": (0..3_000).collect::<Vec<_>>() }), "choices"),
        (json!({ "anyOf": vec![json!({}); 3_000] }), "choices"),
        (within, "leads to itself"),
        (json!({ "$ref": "#/$defs/none" }), "nowhere"),
        (json!({ "type": "array", "minItems": 1_000_000 }), "minItems"),
        (
            json!({ "type": "array", "items": { "type": "array", "maxItems": 1_000_000 } }),
            "maxItems",
        ),
        (json!({ "type": "string", "maxLength": 1_000_000 }), "maxLength"),
        (
            json!({ "type": "integer", "minimum": -9.3e18, "maximum": 9.3e18 }),
            "minimum",
        ),
        (
            json!({ "type": "string", "pattern": "^(a{0,99}){0,99}$" }),
            "pattern",
        ),
        (
            json!({ "type": "string", "pattern": format!("^{}a{}$", "(".repeat(120), ")".repeat(120)) }),
            "pattern",
        ),
        (json!({ "type": "string", "pattern": "^(?=a)a$" }), "no grammar"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_costs_too_much_is_refused_and_the_worker_lives() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let complete = async |rest: Value| {
        let mut request =
            json!({ "messages": [{ "role": "user", "content": "x" }], "budget": { "max_tokens": 2 } });
        for (key, value) in rest.as_object().expect("an object") {
            request[key] = value.clone();
        }
        let mut stream = engine
            .chat("talk", TENANT, request.to_string().into_bytes())
            .await?;
        read_all(&mut stream).await
    };
    for (schema, part) in hostile() {
        let error = complete(json!({ "format": { "type": "json_schema", "schema": schema } })).await;
        let error = error.expect_err(part);
        assert_eq!(error.kind(), "invalid", "{part}: {error}");
        assert!(error.to_string().contains(part), "{part}: {error}");
        // Tools are told to the model, whose context is small here.
        if schema.to_string().len() > 500 {
            continue;
        }
        let tools = json!([{ "name": "t", "parameters": schema }]);
        let forced = complete(json!({ "tools": tools, "tool_choice": { "type": "required" } })).await;
        let error = forced.expect_err(part);
        assert!(error.to_string().contains(part), "{part}: {error}");
        // Where no call is forced the schema is let go; what is written is written.
        complete(json!({ "tools": tools })).await.expect(part);
    }
    assert_eq!(engine.status().restarts, 0);
}
