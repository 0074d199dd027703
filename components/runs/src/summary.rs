//! What is told of a run in short, by its first and its last event.

use gyre_agent_wire::{Event as AgentEvent, Problem};
use gyre_ledger::Entry;
use serde::Serialize;
use serde_json::Value;

use crate::journal::CUT;
use crate::request::{ASKED, Asked};

/// Characters of an error in a summary.
const ERROR_CHARS_MAX: usize = 300;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It has no end, and time left.
    Running,
    /// It ended well.
    Done,
    /// It said that it failed.
    Failed,
    /// It has no end, and its deadline has passed: nobody knows how it went.
    Cut,
}

/// A run in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Identifies it.
    pub id: String,
    /// The agent.
    pub agent: String,
    /// Where it is.
    pub status: Status,
    /// When it was asked.
    pub started_ms: u64,
    /// When its last event came.
    pub updated_ms: u64,
    /// The model that answered; before that, the one asked for.
    pub model: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Summary {
    /// The summary of the run whose first and last events these are.
    pub fn of(id: &str, first: &Entry, last: &Entry, now_ms: u64) -> Result<Self, Problem> {
        let asked = (first.event.kind == ASKED).then(|| serde_json::from_str::<Asked>(&first.event.body));
        let Some(Ok(asked)) = asked else {
            return Err(unreadable(id, first));
        };
        let mut summary = Self {
            id: id.to_owned(),
            agent: asked.agent,
            status: if now_ms > asked.deadline_ms {
                Status::Cut
            } else {
                Status::Running
            },
            started_ms: first.at_ms,
            updated_ms: last.at_ms,
            model: asked.model,
            error: None,
        };
        summary.end(last);
        Ok(summary)
    }

    /// An end counts by its kind alone: what it says in detail may be of an older version.
    fn end(&mut self, last: &Entry) {
        self.status = match last.event.kind.as_str() {
            "done" => Status::Done,
            "error" => Status::Failed,
            _ => return,
        };
        match agent_event(last) {
            Some(AgentEvent::Done { model, .. }) => self.model = Some(model),
            Some(AgentEvent::Error { kind, message, .. }) => {
                if kind == CUT {
                    self.status = Status::Cut;
                }
                let error = format!("{kind}: {message}");
                self.error = Some(error.chars().take(ERROR_CHARS_MAX).collect());
            }
            _ => {}
        }
    }
}

fn agent_event(entry: &Entry) -> Option<AgentEvent> {
    let mut body: Value = serde_json::from_str(&entry.event.body).ok()?;
    body["type"] = entry.event.kind.as_str().into();
    serde_json::from_value(body).ok()
}

fn unreadable(id: &str, entry: &Entry) -> Problem {
    Problem::new(
        500,
        "run-unreadable",
        format!("event {} of run {id} is not what it says", entry.sequence),
        "another program may have written to the store; the run goes when it is the oldest",
    )
}

#[cfg(test)]
mod tests {
    use gyre_ledger::Event;
    use serde_json::json;

    use super::*;

    fn entry(at_ms: u64, kind: &str, body: Value) -> Entry {
        let event = Event {
            kind: kind.into(),
            body: body.to_string(),
        };
        Entry {
            sequence: at_ms,
            at_ms,
            event,
        }
    }

    fn asked() -> Entry {
        let body =
            json!({ "agent": "a", "input": "q", "session": null, "model": "wanted", "deadline_ms": 100 });
        entry(1, ASKED, body)
    }

    #[test]
    fn a_run_is_told_by_its_first_and_last_event() {
        let done = json!({
            "type": "done", "finish_reason": "stop", "model": "m",
            "usage": { "prompt_tokens": 1, "completion_tokens": 2 }, "retrieval": null,
        });
        let error = json!({ "kind": "model-unavailable", "message": "no", "hint": "h" });
        let cut = json!({ "kind": CUT, "message": "no end", "hint": "h" });
        let text = json!({ "text": "x" });
        for (last, now_ms, expected) in [
            (asked(), 100, (Status::Running, Some("wanted"), None)),
            (
                entry(2, "text.delta", text.clone()),
                100,
                (Status::Running, Some("wanted"), None),
            ),
            (
                entry(2, "text.delta", text),
                101,
                (Status::Cut, Some("wanted"), None),
            ),
            (
                entry(2, "done", json!({})),
                101,
                (Status::Done, Some("wanted"), None),
            ),
            (
                entry(2, "done", done.clone()),
                101,
                (Status::Done, Some("m"), None),
            ),
            (
                entry(2, "error", error),
                50,
                (Status::Failed, Some("wanted"), Some("model-unavailable: no")),
            ),
            (
                entry(2, "error", cut),
                50,
                (Status::Cut, Some("wanted"), Some("run-cut: no end")),
            ),
        ] {
            let summary = Summary::of("r", &asked(), &last, now_ms).expect("a summary");
            assert_eq!(
                (summary.status, summary.model.as_deref(), summary.error.as_deref()),
                expected
            );
            assert_eq!((summary.started_ms, summary.updated_ms), (1, last.at_ms));
        }
        for (first, last) in [
            (entry(1, "done", done), asked()),
            (entry(1, ASKED, json!({})), asked()),
        ] {
            assert_eq!(
                Summary::of("r", &first, &last, 1).expect_err("unreadable").status,
                500
            );
        }
    }

    #[test]
    fn statuses_have_their_names() {
        let all = [Status::Running, Status::Done, Status::Failed, Status::Cut];
        assert_eq!(json!(all), json!(["running", "done", "failed", "cut"]));
    }
}
