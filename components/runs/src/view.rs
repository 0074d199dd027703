//! What can be seen of runs, over any ledger.

use gyre_agent_wire::Problem;
use gyre_ledger::{Ledger, StreamName, gather};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::name;
use crate::summary::Summary;

/// Bytes of events in one answer, unless it is a single event.
const EVENTS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The answer of `GET /runs`.
#[derive(Debug, Serialize)]
pub struct Runs {
    runs: Vec<Summary>,
}

/// The answer of `GET /runs/{id}`.
#[derive(Debug, Serialize)]
pub struct Run {
    #[serde(flatten)]
    summary: Summary,
    events: Vec<Happened>,
    /// Given where there is more: what to send as `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_after: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Happened {
    sequence: u64,
    at_ms: u64,
    kind: String,
    body: Box<RawValue>,
}

/// Which runs are listed, and when.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Runs to skip.
    pub offset: u32,
    /// Runs at most.
    pub limit: u32,
    /// The time, which tells a run that goes on from one that was cut.
    pub now_ms: u64,
}

/// The runs of a tenant, changed last first.
pub async fn list(ledger: &impl Ledger, tenant: &str, page: Page) -> Result<Runs, Problem> {
    let prefix = name::prefix(tenant);
    let streams = ledger.list(&prefix, page.offset, page.limit).await?;
    let mut runs = Vec::with_capacity(streams.len());
    for stream in streams {
        let name = name::run(tenant, &stream.name[prefix.len()..])?;
        // One that was removed since it was listed is none any more.
        runs.extend(summary(ledger, &name, page.now_ms).await?);
    }
    Ok(Runs { runs })
}

/// A run and what happened in it after an event, from the first on.
pub async fn get(ledger: &impl Ledger, name: &StreamName, after: u64, now_ms: u64) -> Result<Run, Problem> {
    let Some(summary) = summary(ledger, name, now_ms).await? else {
        return Err(Problem::new(
            404,
            "run-not-found",
            format!("there is no run `{}`", name.id()),
            "GET /runs lists those there are; the oldest are removed to make room",
        ));
    };
    let gathered = gather(ledger, name.stream(), after, EVENTS_BYTES_MAX).await?;
    let mut events = Vec::with_capacity(gathered.entries.len());
    for entry in gathered.entries {
        let body = RawValue::from_string(entry.event.body)
            .map_err(|_| gyre_chain::reply::internal("an event that was kept is not JSON"))?;
        events.push(Happened {
            sequence: entry.sequence,
            at_ms: entry.at_ms,
            kind: entry.event.kind,
            body,
        });
    }
    Ok(Run {
        summary,
        events,
        next_after: gathered.next_after,
    })
}

async fn summary(ledger: &impl Ledger, name: &StreamName, now_ms: u64) -> Result<Option<Summary>, Problem> {
    let first = ledger.read(name.stream(), 0, 1).await?;
    let last = ledger.tail(name.stream(), 1).await?;
    match (first.first(), last.last()) {
        (Some(first), Some(last)) => Summary::of(name.id(), first, last, now_ms).map(Some),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use gyre_ledger::double::Double;
    use serde_json::{Value, json};

    use super::*;
    use crate::{record, request};

    fn put(double: &Double, at_ms: u64, tenant: &str, id: &str, events: Value) {
        double.now_ms.set(at_ms);
        let body = json!({ "events": events }).to_string();
        let events = request::parse(body.as_bytes()).expect("events");
        let name = name::run(tenant, id).expect("a name");
        block_on(record::append(double, &name, events)).expect("appended");
    }

    fn asked() -> Value {
        json!({ "kind": "run.asked", "body": { "agent": "a", "input": "q", "deadline_ms": 50 } })
    }

    fn listed(double: &Double, tenant: &str, offset: u32, limit: u32) -> Value {
        let page = Page {
            offset,
            limit,
            now_ms: 60,
        };
        serde_json::to_value(block_on(list(double, tenant, page)).expect("runs")).expect("JSON")
    }

    #[test]
    fn runs_are_listed_newest_first_for_their_tenant() {
        let double = Double::default();
        let failed = json!({ "kind": "error", "body": { "kind": "k", "message": "m", "hint": "h" } });
        put(&double, 10, "local", "r1", json!([asked()]));
        put(&double, 20, "acme", "r2", json!([asked()]));
        put(&double, 30, "local", "r3", json!([asked(), failed]));
        assert_eq!(
            listed(&double, "local", 0, 10),
            json!({ "runs": [
                { "id": "r3", "agent": "a", "status": "failed", "started_ms": 30, "updated_ms": 30,
                  "model": null, "error": "k: m" },
                { "id": "r1", "agent": "a", "status": "cut", "started_ms": 10, "updated_ms": 10,
                  "model": null, "error": null },
            ] })
        );
        assert_eq!(listed(&double, "local", 1, 1)["runs"][0]["id"], "r1");
        assert_eq!(listed(&double, "none", 0, 10), json!({ "runs": [] }));
    }

    #[test]
    fn a_run_shows_its_events_in_order() {
        let double = Double::default();
        put(&double, 10, "local", "r1", json!([asked()]));
        put(
            &double,
            20,
            "local",
            "r1",
            json!([{ "kind": "text.delta", "body": { "text": "x" } }]),
        );
        let name = name::run("local", "r1").expect("a name");
        let run = |after| {
            let run = block_on(get(&double, &name, after, 40)).expect("a run");
            serde_json::to_value(run).expect("JSON")
        };
        let all = run(0);
        assert_eq!(
            (&all["status"], &all["updated_ms"]),
            (&json!("running"), &json!(20))
        );
        assert_eq!(
            all["events"],
            json!([
                { "sequence": 1, "at_ms": 10, "kind": "run.asked", "body": asked()["body"] },
                { "sequence": 2, "at_ms": 20, "kind": "text.delta", "body": { "text": "x" } },
            ])
        );
        assert_eq!(all.get("next_after"), None);
        assert_eq!(run(1)["events"].as_array().map(Vec::len), Some(1));
        let other = name::run("acme", "r1").expect("a name");
        assert_eq!(
            block_on(get(&double, &other, 0, 1))
                .expect_err("another's")
                .status,
            404
        );
    }
}
