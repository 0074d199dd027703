//! Keeping events, and making room for them.

use gyre_agent_wire::Problem;
use gyre_ledger::{Event, Failure, Ledger, StreamName};

use crate::journal;
use crate::name;

/// How often an append is tried again when another one came between.
const TRIES_MAX: usize = 8;
/// Runs removed at most to make room for one: more than one, so that a smaller `runs_max` is reached in time.
const PRUNED_MAX: u32 = 8;

/// Appends events to a run, all or none; gives its new length.
pub async fn append(ledger: &impl Ledger, name: &StreamName, events: Vec<Event>) -> Result<u64, Problem> {
    for _ in 0..TRIES_MAX {
        let tail = ledger.tail(name.stream(), 1).await?;
        let last = tail.last();
        journal::admit(last, &events)?;
        let expected = last.map_or(0, |entry| entry.sequence);
        match ledger.append(name.stream(), Some(expected), events.clone()).await {
            Err(Failure::Conflict(_)) => {}
            other => return Ok(other?),
        }
    }
    Err(Problem::new(
        503,
        "run-busy",
        "too many callers append to this run at the same time",
        "let one writer append to a run, and try again",
    ))
}

/// Removes a few of the runs beyond the newest `runs_max`; gives how many.
pub async fn prune(ledger: &impl Ledger, tenant: &str, runs_max: u32) -> Result<u32, Failure> {
    let beyond = ledger.list(&name::prefix(tenant), runs_max, PRUNED_MAX).await?;
    let mut removed = 0;
    for stream in beyond {
        removed += u32::from(ledger.remove(&stream.name).await?);
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use gyre_ledger::double::Double;

    use super::*;

    fn event(kind: &str) -> Event {
        Event {
            kind: kind.into(),
            body: "{}".into(),
        }
    }

    fn name(id: &str) -> StreamName {
        name::run("local", id).expect("a name")
    }

    fn put(double: &Double, id: &str, kinds: &[&str]) -> Result<u64, Problem> {
        let events = kinds.iter().map(|kind| event(kind)).collect();
        block_on(append(double, &name(id), events))
    }

    #[test]
    fn an_append_waits_its_turn() {
        let double = Double::default();
        assert_eq!(put(&double, "a", &["run.asked"]), Ok(1));
        *double.intruders.borrow_mut() = vec![event("usage"); 3];
        assert_eq!(put(&double, "a", &["text.delta"]), Ok(5));
        *double.intruders.borrow_mut() = vec![event("usage"); TRIES_MAX];
        assert_eq!(put(&double, "a", &["text.delta"]).expect_err("busy").status, 503);
    }

    #[test]
    fn an_end_that_came_between_is_the_end() {
        let double = Double::default();
        put(&double, "a", &["run.asked"]).expect("appended");
        *double.intruders.borrow_mut() = vec![event("done")];
        assert_eq!(
            put(&double, "a", &["text.delta"]).expect_err("ended").kind(),
            "run-ended"
        );
    }

    #[test]
    fn a_few_of_the_oldest_are_removed() {
        let double = Double::default();
        for id in 0..20 {
            put(&double, &id.to_string(), &["run.asked"]).expect("appended");
        }
        put(&double, "0", &["done"]).expect("appended");
        let other = name::run("acme", "x").expect("a name");
        block_on(append(&double, &other, vec![event("run.asked")])).expect("appended");
        let left = || -> Vec<String> {
            let streams = block_on(double.list("run/local/", 0, 100)).expect("streams");
            streams
                .into_iter()
                .map(|s| s.name["run/local/".len()..].to_owned())
                .collect()
        };
        block_on(prune(&double, "local", 5)).expect("pruned");
        assert_eq!(left().len(), 12);
        assert_eq!(left()[..5], ["0", "19", "18", "17", "16"]);
        block_on(prune(&double, "local", 5)).expect("pruned");
        assert_eq!(left(), ["0", "19", "18", "17", "16"]);
        block_on(prune(&double, "local", 5)).expect("pruned");
        assert_eq!(left().len(), 5);
        assert_eq!(
            block_on(double.list("run/acme/", 0, 1)).expect("streams").len(),
            1
        );
    }
}
