//! What is done now and then: runs that never ended are closed, and retention is kept. Doing it again changes nothing.

use std::collections::BTreeSet;

use gyre_agent_wire::{Event as AgentEvent, Problem};
use gyre_ledger::{Event, Failure, Ledger, Stream, StreamName};
use serde::Serialize;

use crate::journal::{self, CUT};
use crate::name;
use crate::record;
use crate::request::{ASKED, Asked};

/// How long after its deadline a run is closed: its last event may still be on the way.
pub const CUT_AFTER_MS: u64 = 5 * 60 * 1000;

/// Runs of one page: of those changed last, and of one older page at each tick.
const PAGE: u32 = 64;
/// Tenants whose retention is kept at one tick.
const TENANTS_MAX: usize = 16;
/// Which older page is looked at goes by the time, for a component keeps nothing between requests.
const TURN_MS: u64 = 60_000;

/// What a tick did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Runs that were closed as cut.
    pub closed: u32,
    /// Runs that were removed, being beyond the newest `runs_max` of their tenant.
    pub removed: u32,
}

/// Closes runs that are long over, and makes room. Bounded: two pages of runs, a few tenants.
pub async fn tick(ledger: &impl Ledger, runs_max: u32, now_ms: u64) -> Result<Done, Problem> {
    let newest = ledger.list(name::ALL, 0, PAGE).await?;
    let tenants: BTreeSet<String> = newest
        .iter()
        .filter_map(|stream| Some(name::of_stream(&stream.name)?.0.to_owned()))
        .collect();
    let older = match older_page(tenants.len(), runs_max, now_ms) {
        0 => Vec::new(),
        offset => ledger.list(name::ALL, offset, PAGE).await?,
    };
    let mut done = Done::default();
    for stream in newest.iter().chain(&older) {
        if close(ledger, stream, now_ms).await? {
            done.closed += 1;
        }
    }
    for tenant in tenants.iter().take(TENANTS_MAX) {
        done.removed += record::prune(ledger, tenant, runs_max).await?;
    }
    Ok(done)
}

/// Where the older page begins, in turn over all that are kept; 0 when it is the turn of the newest alone.
fn older_page(tenants: usize, runs_max: u32, now_ms: u64) -> u32 {
    let kept = u64::from(runs_max).saturating_mul(tenants as u64);
    let pages = kept.div_ceil(PAGE.into()).max(1);
    u32::try_from(now_ms / TURN_MS % pages * u64::from(PAGE)).unwrap_or(0)
}

/// Ends a run that has no end although its deadline is long over; whether it did.
async fn close(ledger: &impl Ledger, stream: &Stream, now_ms: u64) -> Result<bool, Failure> {
    // Whatever was changed just now is not long over, and needs no reading.
    if now_ms.saturating_sub(stream.updated_ms) < CUT_AFTER_MS {
        return Ok(false);
    }
    let Some((_, run)) = name::of_stream(&stream.name) else {
        return Ok(false);
    };
    let last = ledger.tail(run.stream(), 1).await?.pop();
    let Some(last) = last.filter(|last| !journal::is_end(&last.event.kind)) else {
        return Ok(false);
    };
    let Some(deadline_ms) = deadline_ms(ledger, &run).await? else {
        return Ok(false);
    };
    if now_ms.saturating_sub(deadline_ms) < CUT_AFTER_MS || now_ms < deadline_ms {
        return Ok(false);
    }
    match ledger
        .append(run.stream(), Some(last.sequence), vec![cut()])
        .await
    {
        Ok(_) => Ok(true),
        // Somebody wrote meanwhile: it is not over, or has its end.
        Err(Failure::Conflict(_)) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// When a run gives up; nothing when its first event does not say.
async fn deadline_ms(ledger: &impl Ledger, run: &StreamName) -> Result<Option<u64>, Failure> {
    let first = ledger.read(run.stream(), 0, 1).await?.pop();
    let asked = first.filter(|first| first.event.kind == ASKED);
    let asked = asked.and_then(|first| serde_json::from_str::<Asked>(&first.event.body).ok());
    Ok(asked.map(|asked| asked.deadline_ms))
}

fn cut() -> Event {
    let event = AgentEvent::error(
        CUT,
        "the run has no end, and its deadline has passed",
        "ask again; the log of the host may say what happened",
    );
    Event {
        kind: event.name().to_owned(),
        // An event of texts is always JSON.
        body: serde_json::to_string(&event).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use gyre_ledger::double::Double;
    use serde_json::json;

    use super::*;
    use crate::request;
    use crate::view;

    const DEADLINE_MS: u64 = 1_000;
    const LONG_OVER_MS: u64 = DEADLINE_MS + CUT_AFTER_MS;

    fn put(double: &Double, id: &str, ended: bool) {
        let asked =
            json!({ "kind": ASKED, "body": { "agent": "a", "input": "q", "deadline_ms": DEADLINE_MS } });
        let end = json!({ "kind": "error", "body": { "kind": "k", "message": "m", "hint": "h" } });
        let events = if ended {
            json!([asked, end])
        } else {
            json!([asked])
        };
        let body = json!({ "events": events }).to_string();
        let events = request::parse(body.as_bytes()).expect("events");
        let name = name::run("local", id).expect("a name");
        block_on(record::append(double, &name, events)).expect("appended");
    }

    fn at(double: &Double, runs_max: u32, now_ms: u64) -> Done {
        double.now_ms.set(now_ms);
        block_on(tick(double, runs_max, now_ms)).expect("ticked")
    }

    fn status(double: &Double, id: &str) -> serde_json::Value {
        let name = name::run("local", id).expect("a name");
        let run = block_on(view::get(double, &name, 0, 0)).expect("a run");
        serde_json::to_value(run).expect("JSON")["status"].take()
    }

    #[test]
    fn a_run_that_is_long_over_is_closed_once() {
        let double = Double::default();
        put(&double, "open", false);
        put(&double, "ended", true);
        for early in [DEADLINE_MS, LONG_OVER_MS - 1] {
            assert_eq!(at(&double, 10, early), Done::default(), "{early}");
        }
        let closed = Done {
            closed: 1,
            removed: 0,
        };
        assert_eq!(at(&double, 10, LONG_OVER_MS), closed);
        assert_eq!(at(&double, 10, LONG_OVER_MS), Done::default(), "again");
        assert_eq!(
            (status(&double, "open"), status(&double, "ended")),
            (json!("cut"), json!("failed"))
        );
        let name = name::run("local", "open").expect("a name");
        let late = block_on(record::append(&double, &name, vec![cut()])).expect_err("closed");
        assert_eq!(late.kind(), "run-ended");
    }

    #[test]
    fn whoever_writes_meanwhile_wins() {
        let double = Double::default();
        put(&double, "open", false);
        *double.intruders.borrow_mut() = vec![cut()];
        assert_eq!(at(&double, 10, LONG_OVER_MS), Done::default());
    }

    #[test]
    fn retention_is_kept_a_few_at_a_time() {
        let double = Double::default();
        for id in 0..12 {
            put(&double, &id.to_string(), true);
        }
        let removed = |runs_max| at(&double, runs_max, 5).removed;
        assert_eq!([removed(3), removed(3), removed(3)], [8, 1, 0]);
    }

    #[test]
    fn every_older_page_has_its_turn() {
        let pages = |tenants, runs_max| -> BTreeSet<u32> {
            (0..40)
                .map(|turn| older_page(tenants, runs_max, turn * TURN_MS))
                .collect()
        };
        assert_eq!(pages(0, 1_000), BTreeSet::from([0]));
        assert_eq!(pages(1, 64), BTreeSet::from([0]));
        assert_eq!(pages(1, 130), BTreeSet::from([0, 64, 128]));
        assert_eq!(pages(2, 130).len(), 5);
    }

    #[test]
    fn an_older_page_is_closed_in_its_turn() {
        let double = Double::default();
        put(&double, "old", false);
        for id in 0..PAGE {
            put(&double, &id.to_string(), true);
        }
        let mut closed = 0;
        for turn in 0..4 {
            closed += at(&double, 1_000, LONG_OVER_MS + turn * TURN_MS).closed;
        }
        assert_eq!((closed, status(&double, "old")), (0, json!("running")));
        for turn in 0..16 {
            closed += at(&double, 1_000, LONG_OVER_MS + turn * TURN_MS).closed;
        }
        assert_eq!(closed, 1);
    }
}
