//! Calling a tool: one MCP call of its service, within its time. Whatever goes wrong is the model's to read.

use std::time::Duration;

use gyre_agent_loop::ToolAnswer;
use gyre_chain::CallContext;
use gyre_clock::within;
use serde_json::Value;

use crate::mcp;

/// Bytes of an answer that the model is given.
const CONTENT_BYTES_MAX: usize = 64 * 1024;

pub(crate) async fn call(
    service: &str,
    name: &str,
    arguments: Value,
    time: Duration,
    context: &CallContext,
) -> ToolAnswer {
    let answer = mcp::call(service, name, arguments, context);
    let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    // A call that is dropped is cancelled: a tool that hangs is let go of.
    match within(ms, answer).await {
        Some(Ok(result)) if result.text.len() <= CONTENT_BYTES_MAX => ToolAnswer {
            is_error: result.is_error,
            content: result.text,
        },
        Some(Ok(result)) => failed(format!(
            "the tool answered with {} bytes, the limit is {CONTENT_BYTES_MAX}; ask it for less",
            result.text.len()
        )),
        Some(Err(error)) => failed(error.to_string()),
        None => failed(format!("the tool did not answer within {ms} ms")),
    }
}

fn failed(content: String) -> ToolAnswer {
    ToolAnswer {
        is_error: true,
        content,
    }
}
