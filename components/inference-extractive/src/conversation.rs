//! Question and passages of a request.

use crate::bindings::exports::gyre::inference::types::{Message, Role};
use serde::Deserialize;

/// The tool whose results carry passages.
const TOOL: &str = "search_knowledge";

/// Passages that are looked at.
const PASSAGES_MAX: usize = 64;

/// Bytes of a passage that are looked at: retrieval's are far smaller, and work grows with the square.
const PASSAGE_BYTES_MAX: usize = 32 * 1024;

/// A passage of the request. Its place in the list is its citation number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Passage {
    /// What it says.
    pub(crate) text: String,
}

/// What is asked, and of what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Task {
    /// The last message of the user.
    pub(crate) question: String,
    /// Passages of the last `search_knowledge` result; `None` when there is no such message.
    pub(crate) passages: Option<Vec<Passage>>,
}

/// Reads the conversation. Fails with a public text when it cannot be answered.
pub(crate) fn read(messages: &[Message]) -> Result<Task, String> {
    let question = messages.iter().rev().find(|message| message.role == Role::User);
    let question = question
        .map(|message| message.content.trim())
        .filter(|text| !text.is_empty());
    let question = question.ok_or("no message of the user to answer; hint: add one with role `user`")?;
    let result = messages.iter().rev().find(|message| is_result(message, messages));
    let passages = result.map(|message| passages(&message.content)).transpose()?;
    Ok(Task {
        question: question.to_owned(),
        passages,
    })
}

/// Whether `message` answers a call of the tool.
fn is_result(message: &Message, messages: &[Message]) -> bool {
    let Some(id) = message
        .tool_call_id
        .as_ref()
        .filter(|_| message.role == Role::Tool)
    else {
        return false;
    };
    messages
        .iter()
        .flat_map(|other| &other.tool_calls)
        .any(|call| call.id == *id && call.name == TOOL)
}

fn passages(json: &str) -> Result<Vec<Passage>, String> {
    let mut passages: Vec<Passage> = serde_json::from_str(json).map_err(|error| {
        format!(
            "the `{TOOL}` result is not a JSON array of passages ({} error at line {} column {}); \
             hint: send [{{\"id\",\"source\",\"span\",\"text\"}}]",
            match error.classify() {
                serde_json::error::Category::Data => "data",
                _ => "syntax",
            },
            error.line(),
            error.column()
        )
    })?;
    passages.truncate(PASSAGES_MAX);
    for passage in &mut passages {
        passage
            .text
            .truncate(passage.text.floor_char_boundary(PASSAGE_BYTES_MAX));
    }
    Ok(passages)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::gyre::inference::types::ToolCall;

    fn message(role: Role, content: &str) -> Message {
        Message {
            role,
            content: content.into(),
            tool_calls: vec![],
            tool_call_id: None,
        }
    }

    fn call(id: &str, name: &str) -> Message {
        let call = ToolCall {
            id: id.into(),
            name: name.into(),
            arguments: "{}".into(),
        };
        Message {
            tool_calls: vec![call],
            ..message(Role::Assistant, "")
        }
    }

    fn result(id: &str, content: &str) -> Message {
        Message {
            tool_call_id: Some(id.into()),
            ..message(Role::Tool, content)
        }
    }

    #[test]
    fn the_last_result_of_the_tool_counts() {
        let passage = |text: &str| {
            format!(
                r#"[{{"id":"1","source":"a.md","span":{{"start_line":1,"end_line":2}},"text":"{text}"}}]"#
            )
        };
        let task = read(&[
            message(Role::User, "first?"),
            call("1", TOOL),
            result("1", &passage("old")),
            message(Role::User, " second? "),
            call("2", TOOL),
            result("2", &passage("new")),
            call("3", "calculator"),
            result("3", "4"),
        ]);
        let passages = Some(vec![Passage { text: "new".into() }]);
        assert_eq!(
            task,
            Ok(Task {
                question: "second?".into(),
                passages
            })
        );
    }

    #[test]
    fn no_result_is_not_an_empty_result() {
        assert_eq!(read(&[message(Role::User, "q")]).unwrap().passages, None);
        let empty = read(&[message(Role::User, "q"), call("1", TOOL), result("1", "[]")]).unwrap();
        assert_eq!(empty.passages, Some(vec![]));
    }

    #[test]
    fn what_cannot_be_answered_is_refused() {
        assert!(
            read(&[message(Role::System, "be kind")])
                .unwrap_err()
                .contains("role `user`")
        );
        let broken = read(&[
            message(Role::User, "q"),
            call("1", TOOL),
            result("1", "secret text"),
        ])
        .unwrap_err();
        assert!(
            broken.contains("JSON array") && !broken.contains("secret"),
            "{broken}"
        );
    }
}
