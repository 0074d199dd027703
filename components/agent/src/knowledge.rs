//! Searching the knowledge: one MCP call of `retrieval`.

use gyre_agent_loop::Failure;
use gyre_agent_wire::Passages;
use gyre_agent_wire::passage::SEARCH_TOOL;
use gyre_chain::CallContext;
use serde_json::json;

use crate::failure::no_passages;
use crate::mcp;

pub(crate) async fn search(query: &str, limit: u32, context: &CallContext) -> Result<Passages, Failure> {
    let arguments = json!({ "query": query, "limit": limit });
    let result = mcp::call("retrieval", SEARCH_TOOL, arguments, context)
        .await
        .map_err(|error| no_passages(error.to_string()))?;
    if result.is_error {
        return Err(no_passages(result.text));
    }
    let found = result
        .structured
        .and_then(|value| serde_json::from_value(value).ok());
    found.ok_or_else(|| no_passages("retrieval answered without passages"))
}
