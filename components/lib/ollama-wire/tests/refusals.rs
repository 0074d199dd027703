//! What requests are refused, each by the name of what is at fault.

use gyre_chat_wire::ApiError;
use gyre_ollama_wire::{Asked, Embed, parse_chat, parse_embed, parse_generate, parse_show};
use serde_json::{Value, json};

fn merged(mut body: Value, members: &Value) -> Vec<u8> {
    for (name, value) in members.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body.to_string().into_bytes()
}

fn chat(members: &Value) -> Result<Asked, ApiError> {
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }] });
    parse_chat(&merged(body, members))
}

fn generate(members: &Value) -> Result<Asked, ApiError> {
    parse_generate(&merged(json!({ "model": "m", "prompt": "hi" }), members))
}

fn embed(members: &Value) -> Result<Embed, ApiError> {
    parse_embed(&merged(json!({ "model": "m", "input": "hi" }), members))
}

fn check_refused(error: ApiError, param: &str) {
    assert_eq!((error.status, error.param.as_deref()), (400, Some(param)));
    assert!(error.message.contains(param), "{}", error.message);
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let message = |message: Value| json!({ "messages": [message] });
    for (members, param) in [
        (json!({ "model": "" }), "model"),
        (json!({ "messages": 7 }), "messages"),
        (message(json!({ "role": "robot" })), "messages[0].role"),
        (
            message(json!({ "role": "user", "content": 7 })),
            "messages[0].content",
        ),
        (
            message(json!({ "role": "user", "images": ["aGk="] })),
            "messages[0].images",
        ),
        (
            message(json!({ "role": "assistant", "thinking": "hm" })),
            "messages[0].thinking",
        ),
        (
            message(json!({ "role": "tool", "content": "x" })),
            "messages[0].role",
        ),
        (
            message(json!({ "role": "user", "tool_calls": [{}] })),
            "messages[0].tool_calls",
        ),
        (
            message(json!({ "role": "assistant", "tool_calls": [{}] })),
            "messages[0].tool_calls[0].function",
        ),
        (
            message(
                json!({ "role": "assistant", "tool_calls": [{ "function": { "name": "t", "arguments": "{}" } }] }),
            ),
            "messages[0].tool_calls[0].function.arguments",
        ),
        (json!({ "tools": [{ "type": "web" }] }), "tools[0].type"),
        (json!({ "tools": [{ "function": {} }] }), "tools[0].function.name"),
        (json!({ "format": "xml" }), "format"),
        (json!({ "think": true }), "think"),
        (json!({ "think": "low" }), "think"),
        (json!({ "truncate": true }), "truncate"),
        (json!({ "shift": true }), "shift"),
        (json!({ "_debug_render_only": true }), "_debug_render_only"),
        (json!({ "stream": "yes" }), "stream"),
        (json!({ "keep_alive": "soon" }), "keep_alive"),
        (json!({ "keep_alive": [1] }), "keep_alive"),
        (json!({ "messages": [], "keep_alive": 0 }), "keep_alive"),
        (json!({ "top_logprobs": 21, "logprobs": true }), "top_logprobs"),
        (json!({ "budget": { "x": 1 } }), "budget.x"),
    ] {
        check_refused(chat(&members).expect_err(param), param);
    }
}

#[test]
fn options_that_cannot_be_are_refused_by_name() {
    let option = |name: &str, value: Value| json!({ "options": { name: value } });
    for (members, param) in [
        (json!({ "options": 7 }), "options"),
        (option("num_ctx", json!(0)), "options.num_ctx"),
        (option("num_predict", json!(-2)), "options.num_predict"),
        (option("num_gpu", json!(0)), "options.num_gpu"),
        (option("mirostat", json!(1)), "options.mirostat"),
        (option("typical_p", json!(0.5)), "options.typical_p"),
        (option("temperature", json!(3)), "options.temperature"),
        (option("top_k", json!(0)), "options.top_k"),
        (option("seed", json!(1.5)), "options.seed"),
        (option("stop", json!("END")), "options.stop"),
        (option("stop", json!([""])), "options.stop"),
        (option("repeat_penalty", json!(0)), "options.repeat_penalty"),
        (option("repeat_last_n", json!(-2)), "options.repeat_last_n"),
    ] {
        check_refused(chat(&members).expect_err(param), param);
    }
}

#[test]
fn what_cannot_be_generated_or_embedded_is_refused_by_name() {
    for (members, param) in [
        (json!({ "suffix": "x" }), "suffix"),
        (json!({ "template": "x" }), "template"),
        (json!({ "context": [1] }), "context"),
        (json!({ "images": ["aGk="] }), "images"),
        (json!({ "raw": true }), "raw"),
        (json!({ "width": 8 }), "width"),
        (json!({ "prompt": 7 }), "prompt"),
    ] {
        check_refused(generate(&members).expect_err(param), param);
    }
    for (members, param) in [
        (json!({ "input": 7 }), "input"),
        (json!({ "input": [1] }), "input"),
        (json!({ "input": [""] }), "input"),
        (json!({ "truncate": true }), "truncate"),
        (json!({ "dimensions": 8 }), "dimensions"),
        (json!({ "options": { "num_ctx": 8 } }), "options.num_ctx"),
        (json!({ "options": { "num_gpu": 8 } }), "options.num_gpu"),
        (json!({ "model": null }), "model"),
    ] {
        check_refused(embed(&members).expect_err(param), param);
    }
}

#[test]
fn a_model_is_named_alone() {
    check_refused(parse_show(b"{}").expect_err("none"), "model");
    check_refused(
        parse_show(br#"{"model":"m","system":"x"}"#).expect_err("more"),
        "system",
    );
}

#[test]
fn too_much_is_refused() {
    let many = |item: &Value, count: usize| Value::from(vec![item.clone(); count]);
    let message = json!({ "role": "user", "content": "hi" });
    for (members, param) in [
        (json!({ "messages": many(&message, 1_025) }), "messages"),
        (json!({ "tools": many(&json!({}), 129) }), "tools"),
        (
            json!({ "options": { "stop": many(&json!("x"), 17) } }),
            "options.stop",
        ),
    ] {
        check_refused(chat(&members).expect_err(param), param);
    }
    let texts = json!({ "input": many(&json!("x"), 2_049) });
    check_refused(embed(&texts).expect_err("many"), "input");
}
