//! The tools `recall_session` and `append_turn`, as MCP.

mod tools;

use gyre_mcp_wire::server::{self, Call, INVALID_PARAMS, Refusal};
use serde::Deserialize;
use serde_json::Value;

use crate::recall::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::turn::Message;

/// The tool that gives what was said.
pub const RECALL_TOOL: &str = "recall_session";
/// The tool that keeps what was said.
pub const APPEND_TOOL: &str = "append_turn";

/// What is to be done for a call.
#[derive(Debug)]
pub enum Task {
    /// The answer is known.
    Answer(Vec<u8>),
    /// Recall first.
    Recall(Recall),
    /// Append first.
    Append(Append),
}

/// Arguments of `recall_session`.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// The session.
    pub session: String,
    /// Messages at most.
    #[serde(default = "limit_default")]
    pub limit: u32,
}

/// Arguments of `append_turn`.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Append {
    /// The session.
    pub session: String,
    /// The run.
    pub run: String,
    /// What was said, oldest first.
    pub messages: Vec<Message>,
}

fn limit_default() -> u32 {
    LIMIT_DEFAULT
}

/// Reads what a call wants; wrong arguments are refused.
pub fn task(id: &Value, call: Call) -> Result<Task, Refusal> {
    let refused = |why: String| Refusal::new(400, id, INVALID_PARAMS, why);
    match call {
        Call::Discover => Ok(Task::Answer(server::discovered(
            id,
            "gyre-memory",
            env!("CARGO_PKG_VERSION"),
        ))),
        Call::ListTools => Ok(Task::Answer(server::listed(
            id,
            &[tools::recall(), tools::append()],
        ))),
        Call::CallTool { name, arguments } if name == RECALL_TOOL => {
            let recall: Recall = gyre_mcp_http::arguments(arguments).map_err(refused)?;
            if !(1..=LIMIT_MAX).contains(&recall.limit) {
                let why = format!("`limit` must be 1 to {LIMIT_MAX}; leave it out for {LIMIT_DEFAULT}");
                return Err(refused(why));
            }
            Ok(Task::Recall(recall))
        }
        Call::CallTool { name, arguments } if name == APPEND_TOOL => gyre_mcp_http::arguments(arguments)
            .map(Task::Append)
            .map_err(refused),
        Call::CallTool { .. } => Err(refused(format!(
            "there is no such tool; there are {RECALL_TOOL} and {APPEND_TOOL}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(name: &str, arguments: Value) -> Call {
        let Value::Object(arguments) = arguments else {
            panic!("an object")
        };
        Call::CallTool {
            name: name.into(),
            arguments,
        }
    }

    #[test]
    fn right_calls_are_read() {
        let recall = task(&json!(1), call(RECALL_TOOL, json!({ "session": "s" })));
        assert!(
            matches!(&recall, Ok(Task::Recall(r)) if r.session == "s" && r.limit == 40),
            "{recall:?}"
        );
        let arguments = json!({
            "session": "s", "run": "r", "messages": [{ "role": "user", "content": "q" }],
        });
        let append = task(&json!(1), call(APPEND_TOOL, arguments));
        assert!(
            matches!(&append, Ok(Task::Append(a)) if a.run == "r" && a.messages.len() == 1),
            "{append:?}"
        );
    }

    #[test]
    fn wrong_calls_are_refused() {
        let system = json!({
            "session": "s", "run": "r", "messages": [{ "role": "system", "content": "q" }],
        });
        for (name, arguments) in [
            ("other", json!({ "session": "s" })),
            (RECALL_TOOL, json!({})),
            (RECALL_TOOL, json!({ "session": 1 })),
            (RECALL_TOOL, json!({ "session": "s", "limit": 0 })),
            (RECALL_TOOL, json!({ "session": "s", "limit": 201 })),
            (RECALL_TOOL, json!({ "session": "s", "more": 1 })),
            (APPEND_TOOL, json!({ "session": "s", "messages": [] })),
            (APPEND_TOOL, system),
        ] {
            let refused = task(&json!(1), call(name, arguments.clone())).expect_err("wrong");
            assert_eq!(refused.code, INVALID_PARAMS, "{name} {arguments}");
        }
    }

    #[test]
    fn the_tools_tell_their_schemas() {
        let Ok(Task::Answer(body)) = task(&json!("a"), Call::ListTools) else {
            panic!("no answer")
        };
        let json: Value = serde_json::from_slice(&body).expect("JSON");
        let required = |tool: usize| json["result"]["tools"][tool]["inputSchema"]["required"].clone();
        assert_eq!(required(0), json!(["session"]));
        assert_eq!(required(1), json!(["session", "run", "messages"]));
    }
}
