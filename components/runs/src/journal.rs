//! The rules of a journal: how it begins, grows and ends.

use gyre_agent_wire::Problem;
use gyre_ledger::{Entry, Event};

use crate::request::ASKED;

/// Events of a run.
pub const EVENTS_MAX: u64 = 4096;

/// The kind of the error that ends a run whose deadline has passed without an end.
pub const CUT: &str = "run-cut";

/// Whether an event of this kind ends its run well (`done`) or not (`error`).
#[must_use]
pub fn is_end(kind: &str) -> bool {
    matches!(kind, "done" | "error")
}

/// Refuses events that may not come after `last`, the last event that the run has.
pub fn admit(last: Option<&Entry>, events: &[Event]) -> Result<(), Problem> {
    let length = last.map_or(0, |entry| entry.sequence);
    // The last place is for an end: a run that is full can still say how it went.
    let ends = events.last().is_some_and(|event| is_end(&event.kind));
    let most = if ends { EVENTS_MAX } else { EVENTS_MAX - 1 };
    if length + events.len() as u64 > most {
        return Err(conflict(
            "run-full",
            format!("a run has at most {EVENTS_MAX} events, the last its end; this one has {length}"),
            "put pieces of text together before they are sent",
        ));
    }
    let mut before = last.map(|entry| entry.event.kind.as_str());
    for event in events {
        after(before, &event.kind)?;
        before = Some(&event.kind);
    }
    Ok(())
}

fn after(before: Option<&str>, kind: &str) -> Result<(), Problem> {
    match before {
        None if kind != ASKED => Err(conflict(
            "run-not-asked",
            format!("there is no such run yet, and its first event must be {ASKED}"),
            "send run.asked first; a run that was removed to make room does not go on",
        )),
        Some(_) if kind == ASKED => Err(conflict(
            "run-asked-already",
            format!("the run has begun, and {ASKED} comes first only"),
            "make a new id for each run",
        )),
        Some(before) if is_end(before) => Err(conflict(
            "run-ended",
            format!("the run has ended with `{before}`; nothing comes after"),
            "make a new id for each run",
        )),
        _ => Ok(()),
    }
}

fn conflict(kind: &str, detail: String, hint: &str) -> Problem {
    Problem::new(409, kind, detail, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str) -> Event {
        Event {
            kind: kind.into(),
            body: "{}".into(),
        }
    }

    fn refused(last: Option<(u64, &str)>, kinds: &[&str]) -> Option<String> {
        let last = last.map(|(sequence, kind)| Entry {
            sequence,
            at_ms: 1,
            event: event(kind),
        });
        let events: Vec<Event> = kinds.iter().map(|kind| event(kind)).collect();
        let problem = admit(last.as_ref(), &events).err()?;
        assert_eq!(problem.status, 409);
        Some(problem.kind().to_owned())
    }

    #[test]
    fn a_journal_begins_grows_and_ends() {
        for (last, kinds, expected) in [
            (None, &["run.asked"][..], None),
            (None, &["run.asked", "run.started", "done"], None),
            (None, &["run.started"], Some("run-not-asked")),
            (None, &["run.asked", "run.asked"], Some("run-asked-already")),
            (None, &["run.asked", "done", "usage"], Some("run-ended")),
            (Some((1, "run.asked")), &["text.delta", "error"], None),
            (Some((1, "run.asked")), &["run.asked"], Some("run-asked-already")),
            (Some((9, "done")), &["text.delta"], Some("run-ended")),
            (Some((9, "error")), &["done"], Some("run-ended")),
            (Some((4094, "usage")), &["usage"], None),
            (Some((4095, "usage")), &["usage"], Some("run-full")),
            (Some((4095, "usage")), &["done"], None),
            (Some((4095, "usage")), &["usage", "done"], Some("run-full")),
        ] {
            assert_eq!(refused(last, kinds).as_deref(), expected, "{last:?} {kinds:?}");
        }
    }
}
