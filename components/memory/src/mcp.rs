//! The tools `recall_session` and `append_turn`, as MCP.

use gyre_agent_wire::Problem;
use gyre_mcp_wire::server::{self, Call, INVALID_PARAMS, Refusal};
use gyre_mcp_wire::{Tool, ToolResult};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::name::ID_BYTES_MAX;
use crate::recall::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::turn::{MESSAGES_MAX, Message};

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
        Call::ListTools => Ok(Task::Answer(server::listed(id, &[recall_tool(), append_tool()]))),
        Call::CallTool { name, arguments } if name == RECALL_TOOL => {
            let recall: Recall = read(arguments).map_err(refused)?;
            if !(1..=LIMIT_MAX).contains(&recall.limit) {
                let why = format!("`limit` must be 1 to {LIMIT_MAX}; leave it out for {LIMIT_DEFAULT}");
                return Err(refused(why));
            }
            Ok(Task::Recall(recall))
        }
        Call::CallTool { name, arguments } if name == APPEND_TOOL => {
            read(arguments).map(Task::Append).map_err(refused)
        }
        Call::CallTool { .. } => Err(refused(format!(
            "there is no such tool; there are {RECALL_TOOL} and {APPEND_TOOL}"
        ))),
    }
}

fn read<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| format!("wrong arguments: {error}"))
}

/// The answer to a call; what it failed of is in the result, for the caller to read.
#[must_use]
pub fn answer(id: &Value, outcome: Result<impl Serialize, Problem>) -> Vec<u8> {
    let result = match outcome.map(serde_json::to_value) {
        Ok(Ok(value)) => ToolResult::structured(value),
        Ok(Err(_)) => ToolResult::failed("the answer could not be written as JSON"),
        Err(problem) => ToolResult::failed(format!("{}. hint: {}", problem.detail, problem.hint)),
    };
    server::called(id, &result)
}

fn session() -> Value {
    json!({ "type": "string", "pattern": format!("^[A-Za-z0-9._-]{{1,{ID_BYTES_MAX}}}$") })
}

fn messages(max: Option<usize>) -> Value {
    let mut messages = json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": { "role": { "enum": ["user", "assistant"] }, "content": { "type": "string" } },
            "required": ["role", "content"],
            "additionalProperties": false,
        },
    });
    if let Some(max) = max {
        messages["minItems"] = json!(1);
        messages["maxItems"] = json!(max);
    }
    messages
}

fn recall_tool() -> Tool {
    Tool {
        name: RECALL_TOOL.to_owned(),
        description: "Gives the newest whole turns of a session, oldest first; none for a new session."
            .to_owned(),
        input_schema: json!({
            "type": "object",
            "properties": {
                "session": session(),
                "limit": { "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT },
            },
            "required": ["session"],
            "additionalProperties": false,
        }),
        output_schema: Some(json!({
            "type": "object",
            "properties": {
                "session": session(),
                "turns": { "type": "integer", "description": "How many turns the session has, recalled or not." },
                "messages": messages(None),
            },
            "required": ["session", "turns", "messages"],
        })),
    }
}

fn append_tool() -> Tool {
    Tool {
        name: APPEND_TOOL.to_owned(),
        description: "Keeps what was said in one run as the next turn of a session, whole or not at all."
            .to_owned(),
        input_schema: json!({
            "type": "object",
            "properties": {
                "session": session(),
                "run": { "type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$" },
                "messages": messages(Some(MESSAGES_MAX)),
            },
            "required": ["session", "run", "messages"],
            "additionalProperties": false,
        }),
        output_schema: Some(json!({
            "type": "object",
            "properties": { "session": session(), "turns": { "type": "integer", "minimum": 1 } },
            "required": ["session", "turns"],
        })),
    }
}

#[cfg(test)]
mod tests {
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
    fn a_failure_is_a_result_that_says_so() {
        let failed: Result<Value, _> = Err(Problem::new(503, "x", "busy", "again"));
        let json: Value = serde_json::from_slice(&answer(&json!(1), failed)).expect("JSON");
        assert_eq!(json["result"]["isError"], true);
        assert_eq!(json["result"]["content"][0]["text"], "busy. hint: again");
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
