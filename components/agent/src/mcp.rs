//! One MCP call of a service: what its tool answered, or why it did not.

use gyre_chain::CallContext;
use gyre_chain::send::{Call, SendError};
use gyre_mcp_wire::ToolResult;
use gyre_mcp_wire::client::{CallRequest, ClientError, parse_result};
use serde_json::Value;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum McpError {
    /// The service could not be reached or read.
    #[error(transparent)]
    Send(#[from] SendError),
    /// It refused, or did not speak MCP.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Calls `tool` of `service`.
pub(crate) async fn call(
    service: &str,
    tool: &str,
    arguments: Value,
    context: &CallContext,
) -> Result<ToolResult, McpError> {
    let request = CallRequest::new(tool, arguments);
    let headers = request.headers();
    let headers: Vec<(&'static str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let call = Call {
        service,
        path: "/mcp",
        json: Some(request.to_json()),
        headers: &headers,
    };
    let (status, body) = call.fetch(context, ANSWER_BYTES_MAX).await?;
    Ok(parse_result(status, &body)?)
}
