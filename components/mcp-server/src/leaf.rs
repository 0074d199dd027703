//! The port `gyre:tool`, in the words of this shell.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit/tool", "wit"],
        world: "gyre:mcp-server/mcp-server@0.1.0",
        generate_all,
    });
}

use bindings::gyre::tool::tool as port;
use gyre_chain::CallContext;
use gyre_clock::{now_ms, within};
use gyre_tool_specs::{Effects, ToolSpec};
use serde_json::Value;

use crate::outcome::Outcome;

/// The tenant of a call that carries no run token.
const TENANT_DEFAULT: &str = "local";

/// What the leaf says of its tools. A schema that is not JSON is none that was frozen.
pub(crate) fn described() -> Vec<ToolSpec> {
    let json = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let spec = |spec: port::ToolSpec| ToolSpec {
        name: spec.name,
        description: spec.description,
        input_schema: json(&spec.input_schema),
        output_schema: spec.output_schema.as_deref().map(json),
        effects: match spec.effects {
            bindings::gyre::tool::types::Effects::Pure => Effects::Pure,
            bindings::gyre::tool::types::Effects::Reads => Effects::Reads,
            bindings::gyre::tool::types::Effects::Writes => Effects::Writes,
        },
    };
    port::describe().into_iter().map(spec).collect()
}

/// Calls a tool, at most until the run's deadline: then the call is cancelled.
pub(crate) async fn call(name: String, arguments: String, context: &CallContext) -> Outcome {
    let token = context.run_token();
    let deadline_ms = token.as_ref().map(|token| token.deadline_ms);
    let (tenant, run) = match token {
        Some(token) => (token.tenant, token.run),
        None => (TENANT_DEFAULT.to_owned(), context.request_id.clone()),
    };
    let asked = port::call(
        name,
        arguments,
        port::Context {
            tenant,
            run,
            deadline_ms,
        },
    );
    let Some(deadline_ms) = deadline_ms else {
        return outcome(asked.await);
    };
    let left_ms = deadline_ms.saturating_sub(now_ms());
    if left_ms == 0 {
        return Outcome::DeadlinePassed;
    }
    within(left_ms, asked)
        .await
        .map_or(Outcome::DeadlinePassed, outcome)
}

fn outcome(answered: Result<port::Output, port::Error>) -> Outcome {
    match answered {
        Ok(port::Output { text, structured }) => Outcome::Answered { text, structured },
        Err(port::Error::UnknownTool) => Outcome::UnknownTool,
        Err(port::Error::InvalidArguments(why)) => Outcome::InvalidArguments(why),
        Err(port::Error::Failed(why)) => Outcome::Failed(why),
    }
}
