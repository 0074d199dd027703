//! What agents tell of themselves.

use gyre_agent_wire::Problem;
use gyre_chain::CallContext;
use gyre_chain::send::Call;
use serde_json::{Value, json};

use crate::roster::Roster;

/// Longest description that is read.
const PERSONA_BYTES_MAX: usize = 64 * 1024;

/// All agents. One that does not answer is listed, and said not to.
pub(crate) async fn list(roster: &Roster, context: &CallContext) -> Value {
    let asked = roster.names().iter().map(|id| async move {
        match one(roster, id, context).await {
            Ok(agent) => agent,
            Err(problem) => json!({ "id": id, "description": null, "error": problem.detail }),
        }
    });
    json!({ "agents": futures::future::join_all(asked).await })
}

/// One agent.
pub(crate) async fn one(roster: &Roster, id: &str, context: &CallContext) -> Result<Value, Problem> {
    let service = roster.service(id)?;
    let unavailable = |what: String| {
        Problem::new(
            502,
            "agent-unavailable",
            what,
            "see the log of `gyre up`, and run `gyre doctor`",
        )
    };
    let (status, body) = Call::get(&service, "/persona")
        .fetch(context, PERSONA_BYTES_MAX)
        .await
        .map_err(|error| unavailable(error.to_string()))?;
    if status != 200 {
        // The agent's own problem says more than its status.
        let own: Option<Problem> = serde_json::from_slice(&body).ok();
        return Err(own.unwrap_or_else(|| unavailable(format!("{service} answered with status {status}"))));
    }
    serde_json::from_slice(&body)
        .map_err(|_| unavailable(format!("{service} did not describe itself as JSON")))
}
