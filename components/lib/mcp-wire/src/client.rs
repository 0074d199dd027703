//! The client's side: one `tools/call`, nothing before it.

use serde_json::{Value, json};

use crate::tool::ToolResult;
use crate::{
    ACCEPT, META, META_CAPABILITIES, META_TRACEPARENT, META_VERSION, METHOD_HEADER, NAME_HEADER,
    PROTOCOL_VERSION, VERSION_HEADER, name,
};

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRequest {
    tool: String,
    arguments: Value,
    traceparent: Option<String>,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The server refused the request.
    #[error("the MCP server refused the call ({code}): {message}")]
    Refused {
        /// Code of JSON-RPC or MCP.
        code: i64,
        /// As the server put it.
        message: String,
    },
    /// The server wants to be told more, which this client cannot.
    #[error("the MCP server asks for input, which this client cannot give")]
    InputRequired,
    /// Not an answer of MCP.
    #[error("the MCP server answered with status {status} and no result")]
    NoResult {
        /// HTTP status.
        status: u16,
    },
}

impl CallRequest {
    /// A call of `tool`; `arguments` is a JSON object.
    pub fn new(tool: impl Into<String>, arguments: Value) -> Self {
        Self {
            tool: tool.into(),
            arguments,
            traceparent: None,
        }
    }

    /// The same call as a part of a trace (W3C trace context).
    #[must_use]
    pub fn with_traceparent(mut self, traceparent: Option<String>) -> Self {
        self.traceparent = traceparent;
        self
    }

    /// The headers to send.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, String); 4] {
        [
            ("accept", ACCEPT.to_owned()),
            (VERSION_HEADER, PROTOCOL_VERSION.to_owned()),
            (METHOD_HEADER, "tools/call".to_owned()),
            (NAME_HEADER, name::encode(&self.tool)),
        ]
    }

    /// The body to send.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut meta = json!({ META_VERSION: PROTOCOL_VERSION, META_CAPABILITIES: {} });
        if let Some(traceparent) = &self.traceparent {
            meta[META_TRACEPARENT] = traceparent.as_str().into();
        }
        json!({
            "jsonrpc": "2.0",
            // One request a connection: any id will do.
            "id": 1,
            "method": "tools/call",
            "params": {
                "name": self.tool,
                "arguments": self.arguments,
                META: meta,
            },
        })
        .to_string()
        .into_bytes()
    }
}

/// Reads an answer.
pub fn parse_result(status: u16, body: &[u8]) -> Result<ToolResult, ClientError> {
    let none = || ClientError::NoResult { status };
    let answer: Value = serde_json::from_slice(body).map_err(|_| none())?;
    if let Some(error) = answer.get("error") {
        let code = error.get("code").and_then(Value::as_i64).ok_or_else(none)?;
        let message = error
            .get("message")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        return Err(ClientError::Refused { code, message });
    }
    let result = answer.get("result").ok_or_else(none)?;
    match result.get("resultType").and_then(Value::as_str) {
        Some("complete") => {}
        Some("input_required") => return Err(ClientError::InputRequired),
        _ => return Err(none()),
    }
    let content = result.get("content").and_then(Value::as_array).ok_or_else(none)?;
    let texts: Vec<&str> = content
        .iter()
        .filter_map(|part| part.get("text")?.as_str())
        .collect();
    Ok(ToolResult {
        is_error: result.get("isError").and_then(Value::as_bool).unwrap_or(false),
        text: texts.join("\n"),
        structured: result.get("structuredContent").cloned(),
    })
}
