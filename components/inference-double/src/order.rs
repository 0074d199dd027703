//! Which order a conversation holds: the last message of the user, until the tool it asked for has answered. Pure.

use crate::bindings::exports::gyre::inference::types::{Message, Role};
use crate::script::{self, Script};

/// Reads the order. Fails with what is wrong in it.
pub(crate) fn of(messages: &[Message]) -> Result<Script, String> {
    let last = messages.iter().rposition(|message| message.role == Role::User);
    let (order, since) = last.map_or(("", messages), |at| {
        (messages[at].content.as_str(), &messages[at..])
    });
    let script = script::read(order)?;
    if let Script::Call { name, .. } = &script
        && let Some(answered) = answer(since, name)
    {
        return Ok(script::repeat(&format!("the tool {name} said: {answered}")));
    }
    Ok(script)
}

/// What the tool answered, if it did.
fn answer<'a>(messages: &'a [Message], tool: &str) -> Option<&'a str> {
    let calls = messages.iter().flat_map(|message| &message.tool_calls);
    let ids: Vec<&str> = calls
        .filter(|call| call.name == tool)
        .map(|call| call.id.as_str())
        .collect();
    let answers = |message: &&Message| {
        message.role == Role::Tool
            && message
                .tool_call_id
                .as_deref()
                .is_some_and(|id| ids.contains(&id))
    };
    messages
        .iter()
        .rev()
        .find(answers)
        .map(|message| message.content.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::gyre::inference::types::ToolCall;

    fn message(role: Role, content: &str) -> Message {
        Message {
            role,
            content: content.into(),
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }

    #[test]
    fn a_call_that_was_answered_is_not_made_again() {
        let order = message(Role::User, "double: call add {}");
        let call = Message {
            tool_calls: vec![ToolCall {
                id: "1".into(),
                name: "add".into(),
                arguments: "{}".into(),
            }],
            ..message(Role::Assistant, "")
        };
        let result = Message {
            tool_call_id: Some("1".into()),
            ..message(Role::Tool, "is 2")
        };
        let asked = of(std::slice::from_ref(&order));
        assert!(matches!(asked, Ok(Script::Call { .. })), "{asked:?}");
        assert_eq!(
            of(&[order, call, result]),
            Ok(script::repeat("the tool add said: is 2"))
        );
    }
}
