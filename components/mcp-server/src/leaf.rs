//! The port `gyre:tool`, in the words of this shell.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit/tool", "wit"],
        world: "gyre:mcp-server/mcp-server@0.1.0",
        generate_all,
    });
}

use bindings::gyre::tool::tool as port;
use futures::future::{Either, select};
use gyre_chain::CallContext;
use serde_json::Value;
use spin_sdk::wasip3::clocks::monotonic_clock;
use std::pin::pin;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::frozen::{Effects, Spec};
use crate::outcome::Outcome;

const NS_PER_MS: u64 = 1_000_000;
/// The tenant of a call that carries no run token.
const TENANT_DEFAULT: &str = "local";

/// What the leaf says of its tools. A schema that is not JSON is none that was frozen.
pub(crate) fn described() -> Vec<Spec> {
    let json = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let spec = |spec: port::ToolSpec| Spec {
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
    let time_is_up = monotonic_clock::wait_for(left_ms.saturating_mul(NS_PER_MS));
    match select(pin!(asked), pin!(time_is_up)).await {
        Either::Left((answered, _)) => outcome(answered),
        Either::Right(_) => Outcome::DeadlinePassed,
    }
}

fn outcome(answered: Result<port::Output, port::Error>) -> Outcome {
    match answered {
        Ok(port::Output { text, structured }) => Outcome::Answered { text, structured },
        Err(port::Error::UnknownTool) => Outcome::UnknownTool,
        Err(port::Error::InvalidArguments(why)) => Outcome::InvalidArguments(why),
        Err(port::Error::Failed(why)) => Outcome::Failed(why),
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
