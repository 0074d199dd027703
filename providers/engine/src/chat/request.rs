//! The JSON of `gyre-chat/1`: read strictly, bounded, checked before anything waits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gyre_engine_ipc::EngineError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const PROTOCOL: &str = "gyre-chat/1";
const MESSAGES_MAX: usize = 1024;
const TOOLS_MAX: usize = 128;
const STOPS_MAX: usize = 16;
const STOP_BYTES_MAX: usize = 256;

/// A request for a completion.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatRequest {
    protocol: Option<String>,
    pub(crate) messages: Vec<Message>,
    #[serde(default)]
    pub(crate) tools: Vec<Tool>,
    #[serde(default)]
    pub(crate) sampling: Sampling,
    #[serde(default)]
    pub(crate) budget: Budget,
    #[serde(default)]
    pub(crate) stop: Vec<String>,
    #[serde(default)]
    pub(crate) format: Format,
}

/// One turn.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) role: Role,
    pub(crate) content: String,
    #[serde(default)]
    pub(crate) tool_calls: Vec<ToolCall>,
    pub(crate) tool_call_id: Option<String>,
}

/// Who wrote a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    System,
    User,
    Assistant,
    Tool,
}

/// A call the assistant made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    /// A JSON object as text.
    pub(crate) arguments: String,
}

/// A tool the model may call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tool {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) parameters: Value,
}

/// How tokens are chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sampling {
    pub(crate) temperature: Option<f32>,
    pub(crate) top_p: Option<f32>,
    pub(crate) top_k: Option<u32>,
    pub(crate) seed: Option<u64>,
}

/// Bounds on the call.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Budget {
    pub(crate) max_tokens: Option<u32>,
    deadline_ms: Option<u64>,
}

/// The shape of the answer.
#[derive(Debug, Default, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Format {
    #[default]
    Text,
    JsonObject,
    JsonSchema {
        schema: Value,
    },
}

impl Budget {
    /// When to give up.
    pub(crate) fn deadline(&self) -> Option<SystemTime> {
        self.deadline_ms
            .and_then(|at| UNIX_EPOCH.checked_add(Duration::from_millis(at)))
    }
}

/// Reads and checks a request.
pub(crate) fn parse(json: &[u8]) -> Result<ChatRequest, EngineError> {
    // serde_json's texts name fields and places, never content.
    let request: ChatRequest = serde_json::from_slice(json)
        .map_err(|error| EngineError::invalid(format!("the request is no {PROTOCOL} JSON: {error}")))?;
    check(&request).map_err(EngineError::invalid)?;
    Ok(request)
}

fn check(request: &ChatRequest) -> Result<(), String> {
    if request
        .protocol
        .as_deref()
        .is_some_and(|protocol| protocol != PROTOCOL)
    {
        return Err(format!(
            "the request's protocol is not {PROTOCOL}: host and leaf must be of one release"
        ));
    }
    if request.messages.is_empty() {
        return Err("there are no messages: send at least one".to_owned());
    }
    within("messages", request.messages.len(), MESSAGES_MAX)?;
    within("tools", request.tools.len(), TOOLS_MAX)?;
    within("stop strings", request.stop.len(), STOPS_MAX)?;
    if request
        .stop
        .iter()
        .any(|stop| stop.is_empty() || stop.len() > STOP_BYTES_MAX)
    {
        return Err(format!("a stop string must have 1 to {STOP_BYTES_MAX} bytes"));
    }
    if request.budget.max_tokens == Some(0) {
        return Err("max_tokens must be at least 1".to_owned());
    }
    check_sampling(&request.sampling)
}

fn within(what: &str, count: usize, max: usize) -> Result<(), String> {
    if count > max {
        return Err(format!("{count} {what} are too many: send at most {max}"));
    }
    Ok(())
}

fn check_sampling(sampling: &Sampling) -> Result<(), String> {
    if sampling
        .temperature
        .is_some_and(|it| !(0.0..=100.0).contains(&it))
    {
        return Err("temperature must be between 0 and 100".to_owned());
    }
    if sampling.top_p.is_some_and(|it| !(it > 0.0 && it <= 1.0)) {
        return Err("top_p must be above 0 and at most 1".to_owned());
    }
    if sampling.top_k == Some(0) {
        return Err("top_k must be at least 1".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_request_is_read() {
        let json = br#"{"protocol":"gyre-chat/1","messages":[
            {"role":"user","content":"x"},
            {"role":"assistant","content":"","tool_calls":[{"id":"1","name":"t","arguments":"{}"}]},
            {"role":"tool","content":"[]","tool_call_id":"1"}],
            "tools":[{"name":"t","description":"","parameters":{"type":"object"}}],
            "sampling":{"temperature":0.5,"seed":7},"budget":{"max_tokens":3},"stop":["."],
            "format":{"type":"json_schema","schema":{}}}"#;
        let request = parse(json).expect("valid");
        assert_eq!(request.messages.len(), 3);
        assert!(matches!(request.format, Format::JsonSchema { .. }));
    }

    #[test]
    fn a_wrong_request_is_told_what_is_wrong() {
        let check = |json: &str, part: &str| {
            let error = parse(json.as_bytes()).expect_err(json).to_string();
            assert!(error.contains(part), "{json}: {error}");
        };
        check("{", "gyre-chat/1");
        check(r#"{"messages":[]}"#, "at least one");
        check(
            r#"{"messages":[{"role":"user","content":"x"}],"sampling":{"top_p":0}}"#,
            "top_p",
        );
        check(
            r#"{"messages":[{"role":"user","content":"x"}],"sampling":{"temperature":-1}}"#,
            "temperature",
        );
        check(
            r#"{"messages":[{"role":"user","content":"x"}],"budget":{"max_tokens":0}}"#,
            "max_tokens",
        );
        check(
            r#"{"messages":[{"role":"user","content":"x"}],"stop":[""]}"#,
            "stop string",
        );
        check(r#"{"messages":[{"role":"user","content":"x"}],"wish":1}"#, "wish");
        check(r#"{"messages":[{"role":"king","content":"x"}]}"#, "king");
        check(
            r#"{"protocol":"gyre-chat/2","messages":[{"role":"user","content":"x"}]}"#,
            "one release",
        );
    }
}
