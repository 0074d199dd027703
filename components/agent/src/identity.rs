//! Who this agent is: its persona file, or the persona that came with the call.

use gyre_agent_loop::ToolGrant;
use gyre_agent_wire::Problem;
use gyre_tool_specs::FOLDER;
use serde_json::value::RawValue;
use spin_sdk::variables;

use crate::persona::{self, Persona};
use crate::tool_specs;

/// The persona of a call. Only a component with `custom = "true"` takes one from the call, and only from there.
pub(crate) async fn of_call(sent: Option<&RawValue>) -> Result<Persona, Problem> {
    match (is_custom().await, sent) {
        (true, Some(sent)) => Persona::parse(sent.get().as_bytes()),
        (true, None) => Err(Problem::new(
            422,
            "no-persona",
            "this component runs agents that were created, and the call has no persona",
            "create an agent with `gyre agent create`, and ask it by its name",
        )),
        (false, Some(_)) => Err(Problem::new(
            403,
            "persona-refused",
            "this agent has a persona of its own and takes no other",
            "leave `persona` out",
        )),
        (false, None) => own(),
    }
}

/// The persona of the file.
pub(crate) fn own() -> Result<Persona, Problem> {
    let file = std::fs::read(persona::PATH).map_err(|_| persona::missing())?;
    Persona::parse(&file)
}

/// The tools of a persona.
pub(crate) fn tools(persona: &Persona) -> Result<Vec<ToolGrant>, Problem> {
    tool_specs::grants(&persona.tools, &|file| {
        std::fs::read(format!("{FOLDER}/{file}")).ok()
    })
}

async fn is_custom() -> bool {
    variables::get("custom").await.is_ok_and(|value| value == "true")
}
