//! An agent that is made at run time: a persona under a name of its own.

use gyre_agent_wire::Problem;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::chat::malformed;
use crate::names;
use crate::roster::Roster;

/// Bytes of a persona.
pub const PERSONA_BYTES_MAX: usize = 64 * 1024;
/// Created agents.
pub const CREATED_MAX: usize = 256;

/// A persona as it was sent. What is in it, but for the name, only the agents' shell can judge.
#[derive(Debug)]
pub struct NewAgent {
    /// Its name.
    pub id: String,
    /// The JSON, as it was sent.
    pub persona: Box<RawValue>,
}

impl NewAgent {
    /// Reads a body, and refuses names that are not good or taken by the roster.
    pub fn parse(body: &[u8], roster: &Roster) -> Result<Self, Problem> {
        if body.len() > PERSONA_BYTES_MAX {
            return Err(Problem::new(
                413,
                "persona-too-large",
                format!(
                    "the persona has {} bytes, the limit is {PERSONA_BYTES_MAX}",
                    body.len()
                ),
                "write shorter instructions into `system`, and ingest what the agent should know as documents",
            ));
        }
        let persona: Box<RawValue> = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
        // As a map: a struct would be read from a list too.
        let keys: Map<String, Value> =
            serde_json::from_str(persona.get()).map_err(|error| malformed(&error))?;
        let id = keys.get("id").and_then(Value::as_str).unwrap_or_default();
        if !names::is_agent(id) {
            return Err(Problem::new(
                422,
                "wrong-name",
                "`id` is not 1 to 58 lower-case letters, digits or `-`",
                r#"name the agent such as "id": "tax-helper""#,
            ));
        }
        let id = id.to_owned();
        if roster.service(&id).is_some() {
            return Err(built_in(&id));
        }
        Ok(Self { id, persona })
    }
}

/// What is told of a created agent.
#[must_use]
pub fn described(id: &str, persona: &Value) -> Value {
    let or = |key: &str, default: Value| persona.get(key).cloned().unwrap_or(default);
    json!({
        "id": id,
        "description": or("description", Value::Null),
        "knowledge": or("knowledge", json!(false)),
        "memory": or("memory", json!(false)),
        "tools": or("tools", json!([])),
        "created": true,
    })
}

/// The problem of an agent that `spin.toml` has, and nobody may change.
#[must_use]
pub fn built_in(id: &str) -> Problem {
    Problem::new(
        409,
        "built-in-agent",
        format!("`{id}` is an agent of this application's manifest, which cannot be made or removed here"),
        "choose another name; to change the manifest's agents, edit spin.toml and start again",
    )
}

/// The problem of a name that a created agent has.
#[must_use]
pub fn taken(id: &str) -> Problem {
    Problem::new(
        409,
        "agent-exists",
        format!("there is an agent `{id}` already"),
        format!("choose another name, or remove it first: DELETE /api/v1/agents/{id}"),
    )
}

/// The problem of one agent more than there may be.
#[must_use]
pub fn too_many() -> Problem {
    Problem::new(
        409,
        "too-many-agents",
        format!("there are {CREATED_MAX} created agents, and there may be no more"),
        "remove some: DELETE /api/v1/agents/{id}",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personas_have_a_good_name_that_is_free() {
        let roster = Roster::parse("researcher").expect("a roster");
        let long = format!(r#"{{"id":"a","system":"{}"}}"#, "x".repeat(PERSONA_BYTES_MAX));
        for (body, expected) in [
            (r#"{"id":"tax-helper","anything":[1]}"#, None),
            ("", Some((400, "malformed-json"))),
            (r#"{"id":"#, Some((400, "malformed-json"))),
            (r#"["a"]"#, Some((400, "malformed-json"))),
            (r#"{"description":"a"}"#, Some((422, "wrong-name"))),
            (r#"{"id":7}"#, Some((422, "wrong-name"))),
            (r#"{"id":""}"#, Some((422, "wrong-name"))),
            (r#"{"id":"A b"}"#, Some((422, "wrong-name"))),
            (r#"{"id":"../x"}"#, Some((422, "wrong-name"))),
            (r#"{"id":"researcher"}"#, Some((409, "built-in-agent"))),
            (&long, Some((413, "persona-too-large"))),
        ] {
            let problem = NewAgent::parse(body.as_bytes(), &roster).err();
            let found = problem.as_ref().map(|p| (p.status, p.kind()));
            let shown = &body[..body.len().min(60)];
            assert_eq!(found, expected, "{shown}");
            assert!(problem.is_none_or(|p| !p.hint.is_empty()), "{shown}");
        }
    }

    #[test]
    fn a_persona_is_kept_as_it_was_sent() {
        let roster = Roster::parse("").expect("a roster");
        let body = r#"{ "id": "a", "max_steps": 4.0 }"#;
        let agent = NewAgent::parse(body.as_bytes(), &roster).expect("right");
        assert_eq!((agent.id.as_str(), agent.persona.get()), ("a", body));
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let told = described("a", &json!({"id": "a", "description": "d", "system": "s"}));
        let expected = json!({"id": "a", "description": "d", "knowledge": false, "memory": false, "tools": [], "created": true});
        assert_eq!(told, expected);
    }
}
