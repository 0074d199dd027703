//! Any sequence of calls does what a plain model in memory does.

use crate::native::{Native, event};
use futures::executor::block_on;
use ledger_sqlite::entry::{Entry, Event, StreamInfo};
use ledger_sqlite::error::Error;
use ledger_sqlite::read as reading;
use ledger_sqlite::write::{append, remove};
use proptest::prelude::*;

/// Streams in the order of their last change, the first changed first.
#[derive(Debug, Default)]
struct Model(Vec<(String, Vec<Entry>)>);

impl Model {
    fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(n, _)| n == name)
    }

    fn events(&self, name: &str) -> &[Entry] {
        self.place(name).map_or(&[], |place| &self.0[place].1)
    }

    fn append(
        &mut self,
        at_ms: u64,
        name: &str,
        expected: Option<u64>,
        events: &[Event],
    ) -> Result<u64, Error> {
        let length = self.events(name).len() as u64;
        if expected.is_some_and(|expected| expected != length) {
            return Err(Error::Conflict(length));
        }
        let mut entries = self
            .place(name)
            .map_or_else(Vec::new, |place| self.0.remove(place).1);
        for event in events {
            entries.push(Entry {
                sequence: entries.len() as u64 + 1,
                at_ms,
                event: event.clone(),
            });
        }
        let length = entries.len() as u64;
        self.0.push((name.to_owned(), entries));
        Ok(length)
    }

    fn remove(&mut self, name: &str) -> bool {
        self.place(name).map(|place| self.0.remove(place)).is_some()
    }

    fn read(&self, name: &str, after: u64, limit: u32) -> Vec<Entry> {
        let later = self.events(name).iter().filter(|entry| entry.sequence > after);
        later.take(limit as usize).cloned().collect()
    }

    fn tail(&self, name: &str, limit: u32) -> Vec<Entry> {
        let events = self.events(name);
        events[events.len().saturating_sub(limit as usize)..].to_vec()
    }

    fn list(&self, prefix: &str, offset: u32, limit: u32) -> Vec<StreamInfo> {
        let found = self.0.iter().rev().filter(|(name, _)| name.starts_with(prefix));
        found
            .skip(offset as usize)
            .take(limit as usize)
            .map(|(name, entries)| StreamInfo {
                name: name.clone(),
                length: entries.len() as u64,
                created_ms: entries.first().map_or(0, |entry| entry.at_ms),
                updated_ms: entries.last().map_or(0, |entry| entry.at_ms),
            })
            .collect()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Append(String, Vec<Event>),
    /// Expects as many events as there are, plus or minus a few.
    Compare(String, i64, Vec<Event>),
    Remove(String),
    Read(String, u64, u32),
    Tail(String, u32),
    List(String, u32, u32),
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "a/b", "a/b/c", "a/bc", "ab", "~"]).prop_map(str::to_owned)
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let one = ("[a-z]{1,3}(\\.[a-z]{1,3})?", 0..1000_u32)
        .prop_map(|(kind, n)| event(&kind, format!("{{\"n\":{n}}}")));
    prop::collection::vec(one, 1..4)
}

fn step() -> impl Strategy<Value = Step> {
    let prefix = prop::sample::select(vec!["", "a", "a/", "a/b", "a/b/", "b", "~"]).prop_map(str::to_owned);
    prop_oneof![
        4 => (name(), events()).prop_map(|(n, e)| Step::Append(n, e)),
        2 => (name(), -1..=1_i64, events()).prop_map(|(n, off, e)| Step::Compare(n, off, e)),
        1 => name().prop_map(Step::Remove),
        2 => (name(), prop_oneof![0..8_u64, Just(u64::MAX)], 1..5_u32).prop_map(|(n, a, l)| Step::Read(n, a, l)),
        2 => (name(), 1..5_u32).prop_map(|(n, l)| Step::Tail(n, l)),
        2 => (prefix, 0..3_u32, 1..5_u32).prop_map(|(p, o, l)| Step::List(p, o, l)),
    ]
}

fn check(db: &Native, model: &mut Model, at_ms: u64, step: Step) -> Result<(), TestCaseError> {
    match step {
        Step::Append(name, events) => {
            let expected = model.append(at_ms, &name, None, &events);
            prop_assert_eq!(block_on(append(db, at_ms, &name, None, events)), expected);
        }
        Step::Compare(name, off, events) => {
            let length = model.events(&name).len() as u64;
            let wanted = Some(length.saturating_add_signed(off));
            let expected = model.append(at_ms, &name, wanted, &events);
            prop_assert_eq!(block_on(append(db, at_ms, &name, wanted, events)), expected);
        }
        Step::Remove(name) => {
            let expected = model.remove(&name);
            prop_assert_eq!(block_on(remove(db, &name)), Ok(expected));
        }
        Step::Read(name, after, limit) => {
            let expected = model.read(&name, after, limit);
            prop_assert_eq!(block_on(reading::read(db, &name, after, limit)), Ok(expected));
        }
        Step::Tail(name, limit) => {
            let expected = model.tail(&name, limit);
            prop_assert_eq!(block_on(reading::tail(db, &name, limit)), Ok(expected));
        }
        Step::List(prefix, offset, limit) => {
            let expected = model.list(&prefix, offset, limit);
            prop_assert_eq!(block_on(reading::list(db, &prefix, offset, limit)), Ok(expected));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn the_ledger_is_its_model(steps in prop::collection::vec(step(), 1..40)) {
        let (db, mut model) = (Native::new(), Model::default());
        for (at_ms, step) in (1..).zip(steps) {
            check(&db, &mut model, at_ms, step)?;
        }
        for (name, entries) in &model.0 {
            prop_assert_eq!(&block_on(reading::read(&db, name, 0, 1000)).expect("entries"), entries);
        }
    }
}
