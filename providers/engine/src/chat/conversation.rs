//! A request as its template can take it: what the template has no words for is said in messages.

use minijinja::Value;
use minijinja::value::ValueKind;

use super::ability::Ability;
use super::request::{ChatRequest, Message, Role, Tool, ToolCall};
use super::special::Special;
use super::turns::{Conversation, Turn, written};

/// What a model is told that knows no tools.
const TOOLS_TOLD: &str = "You may call the tools listed below. To call one, answer with nothing but one JSON object \
     of the form {\"name\": \"<tool>\", \"arguments\": {<arguments>}}; its result comes in the next message. \
     Else answer in plain text.\nTools, one JSON object a line:";

/// What the template is given for a request.
pub(super) fn conversation(request: &ChatRequest, ability: Ability, tokens: &Special) -> Conversation {
    let guard = &tokens.guard;
    let tells_tools = ability.tools.is_none();
    let mut turns: Vec<Turn> = Vec::new();
    if tells_tools && !request.tools.is_empty() {
        turns.push(Turn::new(
            "system",
            guard.text(&told(&request.tools)).into_owned(),
        ));
    }
    for message in &request.messages {
        let name = message.tool_call_id.as_ref().and_then(|id| name_of(request, id));
        turns.push(match tells_tools {
            true => in_words(message, name, tokens),
            false => turn(message, name, tokens),
        });
    }
    if !ability.system {
        fold_systems(&mut turns);
    }
    if tells_tools || !ability.system {
        merge(&mut turns);
    }
    let tools = (!tells_tools && !request.tools.is_empty())
        .then(|| request.tools.iter().map(|it| guard.value(&tool(it))).collect());
    Conversation { turns, tools }
}

fn turn(message: &Message, name: Option<&str>, tokens: &Special) -> Turn {
    let guard = match message.role {
        Role::Assistant => &tokens.guard_of_assistant,
        Role::System | Role::User | Role::Tool => &tokens.guard,
    };
    let text = |text: &str| guard.text(text).into_owned();
    let call = |call: &ToolCall| {
        let arguments = guard.value(&arguments(call));
        (text(&call.id), text(&call.name), arguments)
    };
    Turn {
        role: message.role.name(),
        content: text(&message.content),
        calls: message.tool_calls.iter().map(call).collect(),
        call_id: message.tool_call_id.as_deref().map(text),
        name: name.map(text),
    }
}

/// Templates expect an object; text that is none is shown as it is.
fn arguments(call: &ToolCall) -> Value {
    serde_json::from_str::<Value>(&call.arguments)
        .ok()
        .filter(|arguments| arguments.kind() == ValueKind::Map)
        .unwrap_or_else(|| Value::from(call.arguments.as_str()))
}

/// A message for a template without tools: calls and results are texts.
fn in_words(message: &Message, name: Option<&str>, tokens: &Special) -> Turn {
    let guard = match message.role {
        Role::Assistant => &tokens.guard_of_assistant,
        Role::System | Role::User | Role::Tool => &tokens.guard,
    };
    let text = |text: &str| guard.text(text).into_owned();
    if message.role == Role::Tool {
        let of = name.map(|name| format!(" of {name}")).unwrap_or_default();
        return Turn::new("user", text(&format!("Result{of}:\n{}", message.content)));
    }
    let mut content = message.content.clone();
    for call in &message.tool_calls {
        if !content.is_empty() {
            content.push('\n');
        }
        let call = [
            ("name", Value::from(call.name.as_str())),
            ("arguments", arguments(call)),
        ];
        content += &written(&Value::from_iter(call));
    }
    Turn::new(message.role.name(), text(&content))
}

fn told(tools: &[Tool]) -> String {
    let function = |it: &Tool| tool(it).get_attr("function").unwrap_or_default();
    tools.iter().fold(TOOLS_TOLD.to_owned(), |told, tool| {
        told + "\n" + &written(&function(tool))
    })
}

fn tool(tool: &Tool) -> Value {
    let function = [
        ("name", Value::from(tool.name.as_str())),
        ("description", Value::from(tool.description.as_str())),
        ("parameters", tool.parameters.clone()),
    ];
    Value::from_iter([
        ("type", Value::from("function")),
        ("function", Value::from_iter(function)),
    ])
}

fn name_of<'a>(request: &'a ChatRequest, id: &str) -> Option<&'a str> {
    let mut calls = request.messages.iter().flat_map(|message| &message.tool_calls);
    calls.find(|call| call.id == id).map(|call| call.name.as_str())
}

/// System texts go in front of the next user message.
fn fold_systems(turns: &mut Vec<Turn>) {
    let mut folded: Vec<Turn> = Vec::new();
    let mut systems: Vec<String> = Vec::new();
    for mut turn in turns.drain(..) {
        if turn.role == "system" {
            systems.push(turn.content);
            continue;
        }
        if !systems.is_empty() && turn.role == "user" {
            systems.push(turn.content);
            turn.content = std::mem::take(&mut systems).join("\n\n");
        }
        folded.push(turn);
    }
    if !systems.is_empty() {
        folded.push(Turn::new("user", systems.join("\n\n")));
    }
    *turns = folded;
}

/// Neighbours of one role become one: templates without these roles want user and assistant in turn.
fn merge(turns: &mut Vec<Turn>) {
    let mut merged: Vec<Turn> = Vec::new();
    for turn in turns.drain(..) {
        let plain = |turn: &Turn| turn.calls.is_empty() && turn.call_id.is_none();
        match merged.last_mut() {
            Some(last) if last.role == turn.role && plain(last) && plain(&turn) => {
                last.content.push_str("\n\n");
                last.content.push_str(&turn.content);
            }
            _ => merged.push(turn),
        }
    }
    *turns = merged;
}
