//! Calling a tool: one MCP call of its service, within its time. Whatever goes wrong is the model's to read.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use gyre_agent_loop::ToolAnswer;
use gyre_chain::CallContext;
use gyre_chat_wire::ToolCall;
use serde_json::Value;
use spin_sdk::wasip3::clocks::monotonic_clock;

use crate::mcp;

/// Bytes of an answer that the model is given.
const CONTENT_BYTES_MAX: usize = 64 * 1024;

pub(crate) async fn call(
    service: &str,
    call: &ToolCall,
    time: Duration,
    context: &CallContext,
) -> ToolAnswer {
    let arguments: Value =
        serde_json::from_str(&call.arguments).unwrap_or_else(|_| Value::Object(Default::default()));
    let answer = pin!(mcp::call(service, &call.name, arguments, context));
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let late = pin!(monotonic_clock::wait_for(nanoseconds));
    // The one that is dropped is cancelled: a tool that hangs is let go of.
    match select(answer, late).await {
        Either::Left((Ok(result), _)) if result.text.len() <= CONTENT_BYTES_MAX => ToolAnswer {
            is_error: result.is_error,
            content: result.text,
        },
        Either::Left((Ok(result), _)) => failed(format!(
            "the tool answered with {} bytes, the limit is {CONTENT_BYTES_MAX}; ask it for less",
            result.text.len()
        )),
        Either::Left((Err(error), _)) => failed(error.to_string()),
        Either::Right(_) => failed(format!("the tool did not answer within {} ms", time.as_millis())),
    }
}

fn failed(content: String) -> ToolAnswer {
    ToolAnswer {
        is_error: true,
        content,
    }
}
