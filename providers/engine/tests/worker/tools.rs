//! Calls of tools: forced ones keep to their schemas, even from random weights.

use crate::{Models, TENANT, read_all};
use gyre_engine_ipc::{Engine, EngineError, Finish, FinishReason, ToolCall};
use gyre_gguf::tiny;
use serde_json::{Value, json};

const HERMES: &str = "{% if tools %}<|system|>{% for tool in tools %}{{ tool | tojson }}{% endfor %}<|end|>{% endif %}\
    {% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% for c in m.tool_calls %}<tool_call>{{ c.function | tojson }}\
    </tool_call>{% endfor %}<|end|>{% endfor %}<|assistant|>";

fn tools() -> Value {
    json!([
        { "name": "weather", "description": "Tells the weather.", "parameters": {
            "type": "object", "required": ["city", "days"], "additionalProperties": false,
            "properties": { "city": { "enum": ["Bonn", "Oslo"] }, "days": { "$ref": "#/$defs/days" } },
            "$defs": { "days": { "type": "integer", "minimum": 1, "maximum": 9 } } } },
        { "name": "add", "description": "Adds.", "parameters": {
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": { "a": { "type": "boolean" } } } },
    ])
}

fn request(seed: u32, rest: Value) -> Vec<u8> {
    let mut request = json!({
        "messages": [{ "role": "user", "content": "How is the weather?" }],
        "sampling": { "temperature": 1, "seed": seed },
        "budget": { "max_tokens": 300 },
    });
    for (key, value) in rest.as_object().expect("an object") {
        request[key] = value.clone();
    }
    request.to_string().into_bytes()
}

async fn complete(
    engine: &Engine,
    model: &str,
    json: Vec<u8>,
) -> Result<(String, Vec<ToolCall>, Finish), EngineError> {
    read_all(&mut engine.chat(model, TENANT, json).await?).await
}

fn check(call: &ToolCall) {
    let arguments: Value = serde_json::from_str(&call.arguments).expect("JSON");
    let arguments = arguments.as_object().expect("an object");
    match call.name.as_str() {
        "weather" => {
            assert!(
                ["Bonn", "Oslo"].contains(&arguments["city"].as_str().expect("text")),
                "{call:?}"
            );
            assert!(
                (1..=9).contains(&arguments["days"].as_i64().expect("a number")),
                "{call:?}"
            );
            assert_eq!(arguments.len(), 2, "{call:?}");
        }
        "add" => {
            assert!(arguments["a"].is_boolean() && arguments.len() == 1, "{call:?}");
        }
        _ => panic!("{call:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_call_keeps_to_its_schema_and_ends_the_completion() {
    let models = Models::new();
    let path = models.folder.path().join("hermes.gguf");
    tiny::random_llama_with_template(7, HERMES, &path).expect("writes");
    let engine = Engine::start(models.config());
    for model in ["talk", "hermes"] {
        for seed in 1..=4 {
            let json = request(
                seed,
                json!({ "tools": tools(), "tool_choice": { "type": "required" } }),
            );
            let (text, calls, finish) = complete(&engine, model, json).await.expect("ends");
            assert_eq!((text.as_str(), calls.len()), ("", 1), "{model} {seed}: {calls:?}");
            check(&calls[0]);
            assert_eq!(calls[0].index, 0);
            assert_eq!(finish.reason, FinishReason::ToolCalls);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_tool_is_the_one_called() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    for name in ["weather", "add"] {
        let choice = json!({ "type": "tool", "name": name });
        let json = request(5, json!({ "tools": tools(), "tool_choice": choice }));
        let (_, calls, finish) = complete(&engine, "talk", json).await.expect("ends");
        assert!(matches!(&calls[..], [call] if call.name == name), "{calls:?}");
        check(&calls[0]);
        assert_eq!(finish.reason, FinishReason::ToolCalls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_format_the_answer_is_of_it_or_a_call() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let schema = json!({ "type": "object", "required": ["sum"], "additionalProperties": false,
        "properties": { "sum": { "type": "integer", "minimum": 0, "maximum": 99 } } });
    let format = json!({ "type": "json_schema", "schema": schema });
    for seed in 1..=4 {
        let json = request(seed, json!({ "tools": tools(), "format": format }));
        let (text, calls, finish) = complete(&engine, "talk", json).await.expect("ends");
        match &calls[..] {
            [] => {
                let value: Value = serde_json::from_str(&text).expect("JSON");
                assert!(value["sum"].is_u64(), "{text}");
                assert_eq!(finish.reason, FinishReason::Stop);
            }
            calls => {
                assert!(text.is_empty(), "{text}");
                calls.iter().for_each(check);
                assert_eq!(finish.reason, FinishReason::ToolCalls);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offered_tools_force_nothing() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let json = request(1, json!({ "tools": tools(), "budget": { "max_tokens": 40 } }));
    let (text, calls, finish) = complete(&engine, "talk", json).await.expect("ends");
    assert_eq!(calls, []);
    assert!(!text.is_empty());
    assert_eq!(finish.reason, FinishReason::Length);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_max_tokens_cuts_is_text() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let rest =
        json!({ "tools": tools(), "tool_choice": { "type": "required" }, "budget": { "max_tokens": 12 } });
    let (text, calls, finish) = complete(&engine, "talk", request(1, rest)).await.expect("ends");
    assert_eq!((calls.len(), finish.reason), (0, FinishReason::Length));
    assert!(text.starts_with('{') && text.contains("name"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_and_results_of_a_conversation_are_read() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let messages = json!([
        { "role": "user", "content": "2 + 2?" },
        { "role": "assistant", "content": "", "tool_calls": [{ "id": "c1", "name": "add", "arguments": "{\"a\":true}" }] },
        { "role": "tool", "content": "4", "tool_call_id": "c1" },
    ]);
    let rest = json!({ "tools": tools(), "messages": messages, "budget": { "max_tokens": 5 } });
    let (_, _, finish) = complete(&engine, "talk", request(1, rest)).await.expect("ends");
    assert_eq!(finish.usage.completion_tokens, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_forced_is_refused() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    for (rest, part) in [
        (json!({ "tool_choice": { "type": "required" } }), "no tools"),
        (
            json!({ "tools": tools(), "tool_choice": { "type": "tool", "name": "fly" } }),
            "`fly`",
        ),
        (
            json!({ "tools": [{ "name": "t", "parameters": { "$ref": "#/$defs/nothing" } }],
                    "tool_choice": { "type": "required" } }),
            "leads nowhere",
        ),
    ] {
        let error = complete(&engine, "talk", request(1, rest)).await.expect_err(part);
        assert_eq!(error.kind(), "invalid", "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    assert_eq!(engine.status().restarts, 0);
}

const MISTRAL: &str = "[INST]{% if tools %}{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% endif %}\
    {% for m in messages %}{{ m.role }} {{ m.content }}{% for c in m.tool_calls %}[TOOL_CALLS][{{ c.function | tojson }}]\
    {% endfor %}{% endfor %}[/INST]";
const LLAMA: &str = "<|start_header_id|>{% if tools %}{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% endif %}\
    {% for m in messages %}{{ m.role }} {{ m.content }}{% for c in m.tool_calls %}{{ c.function | tojson }}{% endfor %}\
    {% endfor %}<|end_header_id|>";
const PLAIN: &str = "{% for m in messages %}{{ m.content }}{% endfor %}";

/// Templates that teach each family, and the beginning of a call there.
const FAMILIES: [(&str, &str, &str); 4] = [
    ("hermes", HERMES, "<tool_call>"),
    ("mistral", MISTRAL, "[TOOL_CALLS]"),
    ("llama", LLAMA, "{\"name\":\"add\""),
    ("json", PLAIN, "{\"name\":\"add\""),
];

/// Models of all families that have a token for the beginning of a call and one for text.
fn families() -> (Models, Engine) {
    let models = Models::new();
    for (name, template, begins) in FAMILIES {
        let path = models.folder.path().join(format!("{name}.gguf"));
        tiny::random_llama_with_marks(7, template, &[begins], &path).expect("writes");
    }
    let engine = Engine::start(models.config());
    (models, engine)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_call_has_the_form_of_its_family() {
    let (_models, engine) = families();
    for (name, _, begins) in FAMILIES {
        let choice = json!({ "type": "tool", "name": "add" });
        // Cut before its end, what there is of a call is text.
        let rest = json!({ "tools": tools(), "tool_choice": choice, "budget": { "max_tokens": 12 } });
        let (text, calls, _) = complete(&engine, name, request(1, rest)).await.expect("ends");
        assert_eq!(calls, []);
        let begun = if begins.starts_with('{') { "{" } else { begins };
        assert!(text.starts_with(begun), "{name}: {text}");
        let rest = json!({ "tools": tools(), "tool_choice": choice });
        let (text, calls, finish) = complete(&engine, name, request(1, rest)).await.expect("ends");
        assert!(
            matches!(&calls[..], [call] if call.name == "add"),
            "{name}: {text} {calls:?}"
        );
        check(&calls[0]);
        assert_eq!((text.as_str(), finish.reason), ("", FinishReason::ToolCalls));
    }
}

/// The bias makes a model of random weights begin a call; what follows is the grammar's.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_begun_freely_keeps_to_a_tool_and_its_schema() {
    let (_models, engine) = families();
    for (name, _, _) in FAMILIES {
        let mut made = 0;
        for seed in 1..=4 {
            let bias = json!([{ "token": tiny::MARKS_FROM, "bias": 30 }]);
            let sampling = json!({ "temperature": 1, "seed": seed, "logit_bias": bias });
            let rest = json!({ "tools": tools(), "sampling": sampling });
            let (text, calls, finish) = complete(&engine, name, request(seed, rest)).await.expect("ends");
            calls.iter().for_each(check);
            made += calls.len();
            // What the token limit cut is text; nothing else may be.
            if finish.reason != FinishReason::Length {
                assert_eq!(
                    (text.trim(), finish.reason),
                    ("", FinishReason::ToolCalls),
                    "{name} {seed}"
                );
            }
        }
        assert!(made > 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_begins_like_a_call_and_is_none_is_text() {
    let models = Models::new();
    let path = models.folder.path().join("hermes.gguf");
    // The token goes on after the mark in a way that no call does.
    tiny::random_llama_with_marks(7, HERMES, &["<tool_call>no"], &path).expect("writes");
    let engine = Engine::start(models.config());
    let bias = json!([{ "token": tiny::MARKS_FROM, "bias": 100 }]);
    let sampling = json!({ "temperature": 0, "logit_bias": bias });
    let rest = json!({ "tools": tools(), "sampling": sampling, "budget": { "max_tokens": 20 } });
    let (_, calls, finish) = complete(&engine, "hermes", request(1, rest)).await.expect("ends");
    assert_eq!((calls.len(), finish.reason), (0, FinishReason::Length));
}
