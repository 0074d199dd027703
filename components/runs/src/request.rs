//! What callers may append: `run.asked` and the events of agents, checked before anything is kept.

use gyre_agent_wire::{Event as AgentEvent, Problem};
use gyre_ledger::Event;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Bytes of a body.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Events of one call.
pub const EVENTS_MAX: usize = 1024;
/// Bytes of the name of an agent, a session or a model.
const NAME_BYTES_MAX: usize = 256;

/// The kind of a run's first event.
pub const ASKED: &str = "run.asked";

/// What a run was asked; the first event of each run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The agent.
    pub agent: String,
    /// The question.
    pub input: String,
    /// The conversation that the run continues.
    #[serde(default)]
    pub session: Option<String>,
    /// The model asked for.
    #[serde(default)]
    pub model: Option<String>,
    /// When the run gives up, in milliseconds since the Unix epoch.
    pub deadline_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Append {
    events: Vec<Given>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    kind: String,
    body: Map<String, Value>,
}

/// Reads a body of `POST /runs/{id}/events`.
pub fn parse(body: &[u8]) -> Result<Vec<Event>, Problem> {
    let append: Append = serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        Problem::new(
            400,
            "malformed-json",
            format!("the body is not the JSON expected, at {place}"),
            r#"send {"events":[{"kind":"…","body":{…}}]} and nothing else"#,
        )
    })?;
    let count = append.events.len();
    if !(1..=EVENTS_MAX).contains(&count) {
        return Err(invalid(
            format!("a call appends 1 to {EVENTS_MAX} events, given are {count}"),
            "put pieces of text together, and send more in several calls",
        ));
    }
    append.events.into_iter().map(event).collect()
}

fn event(given: Given) -> Result<Event, Problem> {
    let Given { kind, body } = given;
    if kind == ASKED {
        check_asked(&body)?;
    } else {
        check_agent_event(&kind, &body)?;
    }
    Ok(Event {
        kind,
        body: Value::Object(body).to_string(),
    })
}

fn check_asked(body: &Map<String, Value>) -> Result<(), Problem> {
    let asked: Asked = serde_json::from_value(Value::Object(body.clone())).map_err(|_| {
        invalid(
            "the body of run.asked is not what it should be".into(),
            "give agent, input (texts) and deadline_ms (number); session and model (texts) may be absent or null",
        )
    })?;
    let names = [Some(&asked.agent), asked.session.as_ref(), asked.model.as_ref()];
    let fits = |name: &String| (1..=NAME_BYTES_MAX).contains(&name.len());
    if names.into_iter().flatten().all(fits) {
        return Ok(());
    }
    Err(invalid(
        format!("agent, session and model of run.asked must have 1 to {NAME_BYTES_MAX} bytes"),
        "leave session and model out where there is none",
    ))
}

/// The body is the event as on the wire; its `type` may be left out, for the kind says it.
fn check_agent_event(kind: &str, body: &Map<String, Value>) -> Result<(), Problem> {
    let mut wire = body.clone();
    let said = wire.insert("type".into(), kind.into());
    if said.is_some_and(|said| said != kind) {
        return Err(invalid(
            "an event's `type` is not its `kind`".into(),
            "leave `type` out of the body, or repeat the kind",
        ));
    }
    match serde_json::from_value::<AgentEvent>(Value::Object(wire)) {
        Ok(_) => Ok(()),
        Err(_) => Err(invalid(
            format!(
                "an event of kind `{}` is no event of an agent, or its body lacks fields",
                kind.chars().take(64).collect::<String>()
            ),
            "send run.asked first, then the events of the agent as they come on its stream",
        )),
    }
}

fn invalid(detail: String, hint: &str) -> Problem {
    Problem::new(422, "invalid-events", detail, hint)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn status(events: Value) -> Option<u16> {
        let body = json!({ "events": events }).to_string();
        parse(body.as_bytes()).err().map(|problem| problem.status)
    }

    #[test]
    fn events_are_kept_as_they_came() {
        let body = json!({ "events": [
            { "kind": "run.asked", "body": { "agent": "a", "input": "q", "session": null, "deadline_ms": 5 } },
            { "kind": "text.delta", "body": { "type": "text.delta", "text": "hi" } },
            { "kind": "text.delta", "body": { "text": "ho" } },
        ] });
        let events = parse(body.to_string().as_bytes()).expect("events");
        let kept: Vec<(&str, Value)> = events
            .iter()
            .map(|event| {
                (
                    event.kind.as_str(),
                    serde_json::from_str(&event.body).expect("JSON"),
                )
            })
            .collect();
        let given = |at: usize| body["events"][at]["body"].clone();
        assert_eq!(
            kept,
            [
                ("run.asked", given(0)),
                ("text.delta", given(1)),
                ("text.delta", given(2))
            ]
        );
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let delta = json!({ "kind": "text.delta", "body": { "text": "x" } });
        for (events, expected) in [
            (json!([delta]), None),
            (json!([]), Some(422)),
            (json!(vec![delta; 1025]), Some(422)),
            (json!({}), Some(400)),
            (json!([{ "kind": "text.delta" }]), Some(400)),
            (json!([{ "kind": "text.delta", "body": "x" }]), Some(400)),
            (json!([{ "kind": "text.delta", "body": {} }]), Some(422)),
            (
                json!([{ "kind": "text.delta", "body": { "type": "done", "text": "x" } }]),
                Some(422),
            ),
            (json!([{ "kind": "other", "body": {} }]), Some(422)),
            (json!([{ "kind": "done", "body": {} }]), Some(422)),
            (
                json!([{ "kind": "run.asked", "body": { "agent": "a", "input": "q" } }]),
                Some(422),
            ),
            (
                json!([{ "kind": "run.asked", "body": { "agent": "", "input": "q", "deadline_ms": 1 } }]),
                Some(422),
            ),
            (
                json!([{ "kind": "run.asked", "body": { "agent": "a", "input": "q", "deadline_ms": -1 } }]),
                Some(422),
            ),
        ] {
            assert_eq!(status(events.clone()), expected, "{events}");
        }
        assert_eq!(parse(b"{").expect_err("cut").status, 400);
    }
}
