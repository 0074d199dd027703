//! Requests of all kinds on the way from bytes to a prompt and a grammar: each is taken or refused, none ends the process.
//! llama.cpp makes the grammars, so what would abort it aborts this test.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::check::parse;
use super::family::Family;
use super::grammar::{self, Hold};
use super::guard::{self, Guard};
use super::request::ChatRequest;
use super::special::Special;
use super::template::Template;

const SPELLINGS: [&str; 3] = ["<|end|>", "<|user|>", "</s>"];

fn template() -> Template {
    let spellings = || Guard::new(SPELLINGS.map(str::to_owned));
    let special = Special {
        guard: spellings(),
        guard_of_assistant: spellings(),
        bos: "<s>".to_owned(),
        eos: "</s>".to_owned(),
    };
    Template::new(gyre_gguf::tiny::CHAT_TEMPLATE, special).expect("compiles")
}

/// Any JSON, with the words of schemas and requests in it more often than chance would have them.
fn json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..40_u32).prop_map(Value::from)
    ];
    let text = prop_oneof![
        Just("object"),
        Just("array"),
        Just("string"),
        Just("integer"),
        Just("#"),
        Just("#/$defs/a"),
        Just("#/a/b/c"),
        Just("^a{2,5}(b|c)*$"),
        Just("^[\\d\\s-z]+\\.$"),
        Just("date-time"),
        Just("\u{0}\"\\\u{fdd0}"),
        Just("<|end|>")
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        text.prop_map(Value::from)
    ];
    let key = prop_oneof![
        Just("type"),
        Just("items"),
        Just("properties"),
        Just("required"),
        Just("enum"),
        Just("const"),
        Just("anyOf"),
        Just("oneOf"),
        Just("allOf"),
        Just("$ref"),
        Just("$defs"),
        Just("a"),
        Just("pattern"),
        Just("format"),
        Just("minItems"),
        Just("maxItems"),
        Just("minLength"),
        Just("maxLength"),
        Just("minimum"),
        Just("maximum"),
        Just("exclusiveMinimum"),
        Just("additionalProperties"),
        Just("prefixItems"),
        Just("not"),
        Just("\"\n")
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|entries| {
                Value::Object(
                    entries
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

fn request(rest: Value) -> Option<ChatRequest> {
    let mut request = json!({ "messages": [{ "role": "user", "content": "x" }] });
    for (key, value) in rest.as_object().expect("an object") {
        request[key] = value.clone();
    }
    parse(request.to_string().as_bytes()).ok()
}

/// In the form of any family, held to as much as can be.
fn grammars(request: &ChatRequest) {
    for family in [Family::Hermes, Family::Mistral, Family::Llama, Family::Json] {
        for hold in [Hold::Schemas, Hold::Names] {
            grammar::of(request, family, hold).ok();
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_request_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        parse(&bytes).ok();
    }

    #[test]
    fn a_request_with_any_part_is_a_request_or_refused(part in json(), name in "[a-z_]{1,12}|format|tools|sampling|budget|stop") {
        request(json!({ name: part }));
    }

    #[test]
    fn no_text_spells_a_control_token_in_the_prompt(text in "(<\\|end\\|>|<\\|us|er\\|>|</s|>|\\PC|[\u{0}-\u{1f}\u{fdd0}]){0,40}") {
        let request = request(json!({ "messages": [{ "role": "user", "content": text }] })).expect("any text is one");
        let prompt = template().render(&request).expect("renders");
        let spelled = guard::parts(&prompt).flat_map(|part| part.match_indices("<|end|>")).count();
        prop_assert_eq!(spelled, 1, "the template's own: {}", prompt);
    }

    #[test]
    fn any_schema_makes_a_grammar_or_is_refused(schema in json()) {
        if let Some(request) = request(json!({ "format": { "type": "json_schema", "schema": schema } })) {
            grammars(&request);
        }
        let tools = json!([{ "name": "t", "parameters": schema }]);
        if let Some(request) = request(json!({ "tools": tools, "tool_choice": { "type": "required" } })) {
            grammars(&request);
        }
    }
}
