//! A conversation in the terms of templates, whatever request it was.

use minijinja::Value;

use super::ids;

/// What a template is given.
pub(super) struct Conversation {
    pub(super) turns: Vec<Turn>,
    /// Tools in OpenAI's shape; `None` where there are none or the template knows none.
    pub(super) tools: Option<Vec<Value>>,
}

/// A message; its texts are guarded.
#[derive(Clone)]
pub(super) struct Turn {
    pub(super) role: &'static str,
    pub(super) content: String,
    /// Id, name and arguments of each call.
    pub(super) calls: Vec<(String, String, Value)>,
    /// Which call this answers, and the name of its tool.
    pub(super) call_id: Option<String>,
    pub(super) name: Option<String>,
}

impl Turn {
    pub(super) fn new(role: &'static str, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            calls: Vec::new(),
            call_id: None,
            name: None,
        }
    }

    /// As templates read it.
    pub(super) fn value(&self, arguments_are_texts: bool) -> Value {
        let text = |text: &str| Value::from(text);
        let mut fields = vec![("role", text(self.role)), ("content", text(&self.content))];
        if !self.calls.is_empty() {
            let call = |(id, name, arguments): &(String, String, Value)| {
                let arguments = match arguments_are_texts {
                    true => Value::from(written(arguments)),
                    false => arguments.clone(),
                };
                let function = [("name", text(name)), ("arguments", arguments)];
                Value::from_iter([
                    ("id", text(id)),
                    ("type", text("function")),
                    ("function", Value::from_iter(function)),
                ])
            };
            fields.push(("tool_calls", self.calls.iter().map(call).collect()));
        }
        fields.extend(self.call_id.as_deref().map(|id| ("tool_call_id", text(id))));
        fields.extend(self.name.as_deref().map(|name| ("name", text(name))));
        Value::from_iter(fields)
    }
}

impl Conversation {
    pub(super) fn of(turns: Vec<Turn>) -> Self {
        Self { turns, tools: None }
    }

    /// Gives calls the ids that Mistral's templates insist on: nine letters or digits.
    pub(super) fn shorten_ids(&mut self) {
        for turn in &mut self.turns {
            let calls = turn.calls.iter_mut().map(|(id, ..)| id);
            calls.chain(&mut turn.call_id).for_each(|id| *id = ids::short(id));
        }
    }

    /// The same with one call a turn, each followed by its result; `None` if it is that already.
    pub(super) fn with_single_calls(&self) -> Option<Self> {
        if self.turns.iter().all(|turn| turn.calls.len() < 2) {
            return None;
        }
        let mut turns: Vec<Turn> = Vec::new();
        let mut waiting: Vec<Turn> = Vec::new();
        for turn in &self.turns {
            let asked = turn.call_id.as_ref().and_then(|id| {
                let made = |call: &Turn| call.calls.iter().any(|(made, ..)| made == id);
                waiting.iter().position(made)
            });
            match asked {
                Some(at) => turns.push(waiting.remove(at)),
                // Calls nobody answered stay where they were made.
                None if turn.call_id.is_none() => turns.append(&mut waiting),
                None => {}
            }
            if turn.calls.is_empty() {
                turns.push(turn.clone());
                continue;
            }
            for (at, call) in turn.calls.iter().enumerate() {
                let mut single = turn.clone();
                single.calls = vec![call.clone()];
                if at > 0 {
                    single.content.clear();
                }
                waiting.push(single);
            }
        }
        turns.append(&mut waiting);
        let tools = self.tools.clone();
        Some(Self { turns, tools })
    }
}

/// A text as it is, anything else as JSON.
pub(super) fn written(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        // What was read from JSON can be written as JSON.
        None => serde_json::to_string(value).unwrap_or_default(),
    }
}
