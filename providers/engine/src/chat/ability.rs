//! What a template can express, found out by rendering small conversations with it.

use minijinja::Value;
use serde_json::json;

use super::turns::{Conversation, Turn};

const SYSTEM: &str = "gyre-probe-system";
const TOOL: &str = "gyre_probe_tool";
const CALLED: &str = "gyre_probe_called";
const RESULT: &str = "gyre-probe-result";
/// An id every template takes: one family wants nine letters or digits.
const ID: &str = "probe0001";
const ARGUMENTS: &str = r#"{"gyre_needle":null}"#;

/// What a template can express; what it cannot is told to the model in words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ability {
    /// Messages of the role `system`.
    pub(crate) system: bool,
    /// Tools, calls and results, with arguments in this form.
    pub(crate) tools: Option<Arguments>,
}

/// How a template wants the arguments of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// As an object, which it writes as JSON.
    Object,
    /// As a text, which it writes as it is.
    Text,
}

impl Ability {
    /// Of the template that renders like this; what it refuses is `None`.
    pub(super) fn of(render: impl Fn(&Conversation) -> Option<String>) -> Self {
        let user = || Turn::new("user", "hello");
        let system = vec![Turn::new("system", SYSTEM), user()];
        let plain = render(&Conversation::of(system));
        let tools = || {
            let with = |arguments| probe(&render, arguments);
            // An object that is written by other means than JSON shows its null as something else.
            let json = |prompt: String| prompt.contains(r#""gyre_needle": null"#);
            if with(Arguments::Object).is_some_and(json) {
                return Some(Arguments::Object);
            }
            let text = with(Arguments::Text).is_some_and(|prompt| prompt.contains(ARGUMENTS));
            text.then_some(Arguments::Text)
        };
        Self {
            system: plain.is_some_and(|prompt| prompt.contains(SYSTEM)),
            tools: tools(),
        }
    }
}

/// A conversation with a tool, a call and its result, if the template shows all three.
fn probe(render: impl Fn(&Conversation) -> Option<String>, arguments: Arguments) -> Option<String> {
    let mut call = Turn::new("assistant", "");
    call.calls = vec![(
        ID.to_owned(),
        CALLED.to_owned(),
        match arguments {
            Arguments::Object => Value::from_serialize(json!({ "gyre_needle": null })),
            Arguments::Text => Value::from(ARGUMENTS),
        },
    )];
    let mut result = Turn::new("tool", RESULT);
    result.call_id = Some(ID.to_owned());
    result.name = Some(CALLED.to_owned());
    let tool = json!({ "type": "function", "function": {
        "name": TOOL, "description": "", "parameters": { "type": "object", "properties": {} } } });
    let conversation = Conversation {
        turns: vec![Turn::new("user", "hello"), call, result],
        tools: Some(vec![Value::from_serialize(tool)]),
    };
    let prompt = render(&conversation)?;
    [TOOL, CALLED, RESULT]
        .iter()
        .all(|needle| prompt.contains(needle))
        .then_some(prompt)
}
