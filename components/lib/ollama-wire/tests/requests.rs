//! What requests are read.

use gyre_chat_wire::{ApiError, ChatRequest, Encoding, Format, Role};
use gyre_ollama_wire::{
    Asked, Endpoint, KeepAlive, Repeat, Talk, Work, parse_chat, parse_embed, parse_embeddings,
    parse_generate, parse_show, plain_name,
};
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

fn embed(members: &Value) -> Result<gyre_ollama_wire::Embed, ApiError> {
    parse_embed(&merged(json!({ "model": "m", "input": "hi" }), members))
}

fn talk(asked: Result<Asked, ApiError>) -> Talk {
    match asked.expect("a request").work {
        Work::Talk(talk) => *talk,
        Work::Load => panic!("nothing said"),
    }
}

fn with_options(options: &Value) -> ChatRequest {
    talk(chat(&json!({ "options": options }))).chat
}

#[test]
fn options_are_choices_of_tokens_and_bounds() {
    let read = with_options(&json!({
        "temperature": 0, "top_k": 40, "top_p": 0.5, "min_p": 0.25, "seed": -5, "stop": ["END"], "num_predict": 9,
        "num_ctx": 64, "presence_penalty": 1, "frequency_penalty": -1, "typical_p": 1.0, "mirostat": 0, "x": 1,
        "num_gpu": null,
    }));
    assert_eq!(read.sampling.temperature, Some(0.0));
    assert_eq!((read.sampling.top_k, read.sampling.top_p), (Some(40), Some(0.5)));
    assert_eq!(
        (read.sampling.min_p, read.sampling.seed),
        (Some(0.25), Some(u64::MAX - 4))
    );
    assert_eq!(read.sampling.presence_penalty, Some(1.0));
    assert_eq!(read.sampling.frequency_penalty, Some(-1.0));
    assert_eq!((read.stop, read.max_tokens), (vec!["END".to_owned()], Some(9)));
    assert_eq!(read.budget.total_tokens, Some(64));
    let chance = with_options(&json!({ "seed": -1, "num_predict": -1 }));
    assert_eq!((chance.sampling.seed, chance.max_tokens), (None, None));
    let both = json!({ "options": { "num_ctx": 64 }, "budget": { "total_tokens": 32 } });
    assert_eq!(talk(chat(&both)).chat.budget.total_tokens, Some(32));
}

#[test]
fn a_repeat_penalty_is_told_apart() {
    let read = |options: Value| talk(chat(&json!({ "options": options }))).repeat;
    let repeat = |last_tokens| {
        Some(Repeat {
            penalty: 1.5,
            last_tokens,
        })
    };
    assert_eq!(read(json!({ "repeat_penalty": 1.5 })), repeat(None));
    assert_eq!(
        read(json!({ "repeat_penalty": 1.5, "repeat_last_n": 8 })),
        repeat(Some(8))
    );
    assert_eq!(
        read(json!({ "repeat_penalty": 1.5, "repeat_last_n": -1 })),
        repeat(Some(u32::MAX))
    );
    assert_eq!(read(json!({ "repeat_penalty": 1.5, "repeat_last_n": 0 })), None);
    assert_eq!(read(json!({ "repeat_penalty": 1.0, "repeat_last_n": 8 })), None);
    assert_eq!(read(json!({})), None);
}

#[test]
fn defaults_are_those_of_ollama() {
    let plain = talk(chat(&json!({})));
    assert!(plain.chat.stream && plain.chat.include_usage);
    assert_eq!(plain.chat.format, Format::Text);
    assert!(!talk(chat(&json!({ "stream": false }))).chat.stream);
    assert_eq!(talk(chat(&json!({ "format": "" }))).chat.format, Format::Text);
    assert_eq!(
        talk(chat(&json!({ "format": "json" }))).chat.format,
        Format::JsonObject
    );
    let top = json!({ "top_logprobs": 3 });
    assert_eq!(talk(chat(&top)).chat.sampling.logprobs, None);
}

#[test]
fn who_says_nothing_wants_the_model_there() {
    let asked = chat(&json!({ "messages": [], "keep_alive": "5m" })).expect("a request");
    assert_eq!(
        (asked.work, asked.keep_alive),
        (Work::Load, Some(KeepAlive::Ms(300_000)))
    );
    assert_eq!(
        generate(&json!({ "prompt": "" })).expect("a request").work,
        Work::Load
    );
    let empty = generate(&json!({ "suffix": "", "context": [], "raw": false, "images": [] }));
    assert_eq!(talk(empty).chat.messages.len(), 1);
}

#[test]
fn keep_alive_has_many_forms() {
    for (given, wanted) in [
        (json!(-1), KeepAlive::Forever),
        (json!("-1m"), KeepAlive::Forever),
        (json!(1.5), KeepAlive::Ms(1_500)),
        (json!("1h30m"), KeepAlive::Ms(5_400_000)),
        (json!("0"), KeepAlive::Ms(0)),
        (json!(1e300), KeepAlive::Ms(u64::MAX)),
    ] {
        let asked = chat(&json!({ "keep_alive": given })).expect("a request");
        assert_eq!(asked.keep_alive, Some(wanted), "{given}");
    }
}

/// Each result of a tool, by the id of the call it was matched with.
fn answered(results: Value, ids: bool) -> Vec<String> {
    let call = |id: &str, name: &str| {
        let mut call = json!({ "function": { "name": name, "arguments": {} } });
        if ids {
            call["id"] = json!(id);
        }
        call
    };
    let mut messages = vec![json!({
        "role": "assistant",
        "tool_calls": [call("x", "a"), call("y", "b"), call("z", "a")],
    })];
    messages.extend(results.as_array().expect("a list").iter().map(|result| {
        let mut result = result.clone();
        result["role"] = json!("tool");
        result
    }));
    let read = talk(chat(&json!({ "messages": messages }))).chat.messages;
    let results = read.into_iter().filter(|message| message.role == Role::Tool);
    results.filter_map(|message| message.tool_call_id).collect()
}

#[test]
fn results_find_their_calls() {
    let by_id = json!([{ "tool_call_id": "z" }, { "tool_call_id": "x" }, {}]);
    assert_eq!(answered(by_id, true), ["z", "x", "y"]);
    let by_name = json!([{ "tool_name": "b" }, { "tool_name": "a" }, { "tool_name": "a" }]);
    assert_eq!(answered(by_name.clone(), true), ["y", "x", "z"]);
    assert_eq!(answered(by_name, false), ["call_0_1", "call_0_0", "call_0_2"]);
    assert_eq!(
        answered(json!([{}, {}, {}]), false),
        ["call_0_0", "call_0_1", "call_0_2"]
    );
    // The ids of the results were kept, those of the calls were lost on the way.
    let lost = json!([{ "tool_call_id": "x" }, { "tool_call_id": "y" }]);
    assert_eq!(answered(lost, false), ["call_0_0", "call_0_1"]);
    // A result of a call that was left out is still one.
    assert_eq!(answered(json!([{ "tool_call_id": "w" }]), true), ["w"]);
}

#[test]
fn texts_to_embed() {
    let read = embed(&json!({ "input": ["a", "b"], "options": { "num_ctx": null } })).expect("a request");
    let request = read.request.expect("texts");
    assert_eq!((request.texts.len(), request.encoding), (2, Encoding::Float));
    for nothing in [
        json!({ "input": "" }),
        json!({ "input": [] }),
        json!({ "input": null }),
    ] {
        assert_eq!(embed(&nothing).expect("a request").request, None);
    }
    let older = parse_embeddings(br#"{"model":"m","prompt":"hi"}"#).expect("a request");
    assert_eq!(older.request.expect("a text").texts, ["hi"]);
    assert_eq!(
        parse_embeddings(br#"{"model":"m"}"#).expect("a request").request,
        None
    );
}

#[test]
fn names_of_models() {
    assert_eq!(parse_show(br#"{"model":"m","verbose":true}"#), Ok("m".into()));
    assert_eq!(parse_show(br#"{"name":"m"}"#), Ok("m".into()));
    assert_eq!((plain_name("m:latest"), plain_name("m:7b")), ("m", "m:7b"));
}

#[test]
fn paths() {
    for (method, path, wanted) in [
        ("POST", "/api/chat", Ok(Endpoint::Chat)),
        ("POST", "/api/embeddings", Ok(Endpoint::Embeddings)),
        ("GET", "/api/tags", Ok(Endpoint::Tags)),
        ("HEAD", "/", Ok(Endpoint::Greeting)),
        ("HEAD", "/api/version", Ok(Endpoint::Version)),
        ("GET", "/api/chat", Err((405, "POST"))),
        ("HEAD", "/api/chat", Err((405, "POST"))),
        ("POST", "/api/pull", Err((404, "not managed"))),
        ("HEAD", "/api/blobs/sha256:1", Err((404, "not managed"))),
        ("POST", "/api/other", Err((404, "/api/generate"))),
    ] {
        match (Endpoint::of(method, path), wanted) {
            (Ok(found), Ok(wanted)) => assert_eq!(found, wanted),
            (Err(error), Err((status, words))) => {
                assert_eq!(error.status, status, "{path}");
                assert!(error.message.contains(words), "{}", error.message);
            }
            (found, _) => panic!("{method} {path}: {found:?}"),
        }
    }
}
