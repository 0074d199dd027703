//! The agents: those of the roster tell of themselves, created ones are told of by their personas.

use gyre_agent_wire::Problem;
use gyre_chain::CallContext;
use gyre_chain::send::Call;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::created::Created;
use crate::names;
use crate::new_agent::{NewAgent, built_in, described};
use crate::roster::Roster;

/// Longest answer that is read of an agent.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The service that runs created agents.
const CUSTOM: &str = "agent-custom";

/// Who answers a question.
pub(crate) struct Target {
    /// The Spin id.
    pub(crate) service: String,
    /// What the service is to be, when it is not one agent of its own.
    pub(crate) persona: Option<Box<RawValue>>,
}

/// Finds an agent.
pub(crate) async fn target(roster: &Roster, id: &str) -> Result<Target, Problem> {
    if let Some(service) = roster.service(id) {
        return Ok(Target {
            service,
            persona: None,
        });
    }
    Ok(Target {
        service: CUSTOM.to_owned(),
        persona: Some(persona(roster, id).await?),
    })
}

/// All agents. One that does not answer is listed, and said not to.
pub(crate) async fn list(roster: &Roster, context: &CallContext) -> Result<Value, Problem> {
    let asked = roster.names().iter().map(|id| async move {
        match told_by_itself(&format!("agent-{id}"), context).await {
            Ok(agent) => agent,
            Err(problem) => broken(id, false, &problem),
        }
    });
    let mut agents = futures::future::join_all(asked).await;
    let created = Created::open().await?;
    for id in created.ids().await? {
        // An agent that the manifest has got since then stands before.
        if roster.service(&id).is_some() {
            continue;
        }
        match created.persona(&id).await {
            Ok(Some(persona)) => agents.push(described(&id, &value(&persona))),
            // Removed since its name was read.
            Ok(None) => {}
            Err(problem) => agents.push(broken(&id, true, &problem)),
        }
    }
    Ok(json!({ "agents": agents }))
}

/// One agent, a created one with its persona.
pub(crate) async fn one(roster: &Roster, id: &str, context: &CallContext) -> Result<Value, Problem> {
    if let Some(service) = roster.service(id) {
        return told_by_itself(&service, context).await;
    }
    Ok(with_persona(id, &persona(roster, id).await?))
}

/// Makes an agent, if the agents' shell finds its persona right.
pub(crate) async fn create(roster: &Roster, body: &[u8], context: &CallContext) -> Result<Value, Problem> {
    let agent = NewAgent::parse(body, roster)?;
    let created = Created::open().await?;
    created.check_room(&agent.id).await?;
    let json = agent.persona.get().as_bytes().to_vec();
    let (status, answer) = Call::post(CUSTOM, "/persona/check", json)
        .fetch(context, ANSWER_BYTES_MAX)
        .await
        .map_err(|error| unavailable(error.to_string()))?;
    if status != 200 {
        let mut problem = own_problem(CUSTOM, status, &answer);
        // For an agent a wrong persona is a fault of the application; here it is what the client sent.
        if problem.kind() == "wrong-persona" {
            problem.status = 422;
        }
        return Err(problem);
    }
    created.add(&agent).await?;
    Ok(with_persona(&agent.id, &agent.persona))
}

/// Removes a created agent.
pub(crate) async fn remove(roster: &Roster, id: &str) -> Result<(), Problem> {
    if roster.service(id).is_some() {
        return Err(built_in(id));
    }
    if !names::is_agent(id) || !Created::open().await?.remove(id).await? {
        return Err(roster.unknown(id));
    }
    Ok(())
}

async fn persona(roster: &Roster, id: &str) -> Result<Box<RawValue>, Problem> {
    if !names::is_agent(id) {
        return Err(roster.unknown(id));
    }
    let persona = Created::open().await?.persona(id).await?;
    persona.ok_or_else(|| roster.unknown(id))
}

fn with_persona(id: &str, persona: &RawValue) -> Value {
    let persona = value(persona);
    let mut agent = described(id, &persona);
    agent["persona"] = persona;
    agent
}

/// JSON is read as JSON: what this gives is null only where that was said.
fn value(json: &RawValue) -> Value {
    serde_json::from_str(json.get()).unwrap_or_default()
}

async fn told_by_itself(service: &str, context: &CallContext) -> Result<Value, Problem> {
    let (status, body) = Call::get(service, "/persona")
        .fetch(context, ANSWER_BYTES_MAX)
        .await
        .map_err(|error| unavailable(error.to_string()))?;
    if status != 200 {
        return Err(own_problem(service, status, &body));
    }
    let told: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Value::Object(mut agent) = told else {
        return Err(unavailable(format!(
            "{service} did not describe itself as a JSON object"
        )));
    };
    agent.entry("tools").or_insert_with(|| json!([]));
    agent.insert("created".to_owned(), json!(false));
    Ok(agent.into())
}

fn broken(id: &str, created: bool, problem: &Problem) -> Value {
    json!({
        "id": id, "description": null, "knowledge": false, "memory": false, "tools": [], "created": created,
        "error": problem.detail
    })
}

/// The agent's own problem says more than its status.
pub(crate) fn own_problem(service: &str, status: u16, body: &[u8]) -> Problem {
    serde_json::from_slice(body)
        .unwrap_or_else(|_| unavailable(format!("{service} answered with status {status}")))
}

pub(crate) fn unavailable(what: String) -> Problem {
    Problem::new(
        502,
        "agent-unavailable",
        what,
        "see the log of `gyre up`, and run `gyre doctor`",
    )
}
