//! Searching the knowledge: one MCP call of `retrieval`.

use gyre_agent_loop::Failure;
use gyre_agent_wire::Passages;
use gyre_agent_wire::passage::SEARCH_TOOL;
use gyre_chain::CallContext;
use gyre_chain::send::Call;
use gyre_mcp_wire::client::{CallRequest, parse_result};
use serde_json::json;

use crate::failure::no_passages;

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

pub(crate) async fn search(query: &str, limit: u32, context: &CallContext) -> Result<Passages, Failure> {
    let request = CallRequest::new(SEARCH_TOOL, json!({ "query": query, "limit": limit }));
    let headers = request.headers();
    let headers: Vec<(&'static str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let call = Call {
        service: "retrieval",
        path: "/mcp",
        json: Some(request.to_json()),
        headers: &headers,
    };
    let (status, body) = call
        .fetch(context, ANSWER_BYTES_MAX)
        .await
        .map_err(|error| no_passages(error.to_string()))?;
    let result = parse_result(status, &body).map_err(|error| no_passages(error.to_string()))?;
    if result.is_error {
        return Err(no_passages(result.text));
    }
    let found = result
        .structured
        .and_then(|value| serde_json::from_value(value).ok());
    found.ok_or_else(|| no_passages("retrieval answered without passages"))
}
