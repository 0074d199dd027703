//! The statements against a real SQLite, where the model of module `model` says nothing.

use crate::native::{Native, event, sequences};
use futures::executor::block_on;
use ledger_sqlite::error::Error;
use ledger_sqlite::limits::{ANSWER_BYTES_MAX, BODY_BYTES_MAX};
use ledger_sqlite::read::{list, read, tail};
use ledger_sqlite::store::Database as _;
use ledger_sqlite::write::{append, remove};

fn put(db: &Native, now_ms: u64, name: &str, count: usize) -> u64 {
    block_on(append(db, now_ms, name, None, vec![event("k", "{}"); count])).expect("appended")
}

#[test]
fn time_within_a_stream_never_goes_back() {
    let db = Native::new();
    for now_ms in [50, 40, 60] {
        put(&db, now_ms, "a", 1);
    }
    let entries = block_on(read(&db, "a", 0, 10)).expect("entries");
    let times: Vec<u64> = entries.iter().map(|entry| entry.at_ms).collect();
    assert_eq!(times, [50, 50, 60]);
    let streams = block_on(list(&db, "", 0, 10)).expect("streams");
    assert_eq!((streams[0].created_ms, streams[0].updated_ms), (50, 60));
}

#[test]
fn an_append_that_fails_midway_leaves_nothing() {
    let db = Native::new();
    put(&db, 1, "a", 2);
    // A row in the way of the second event.
    let sql = "INSERT INTO ledger_events (stream, sequence, at_ms, bytes, kind, body) VALUES (1, 4, 1, 2, 'k', '{}')";
    block_on(db.query(sql, vec![])).expect("inserted");
    let failed = block_on(append(&db, 2, "a", None, vec![event("k", "{}"); 2]));
    assert!(matches!(failed, Err(Error::Internal(_))), "{failed:?}");
    let streams = block_on(list(&db, "a", 0, 1)).expect("streams");
    assert_eq!((streams[0].length, streams[0].updated_ms), (2, 1));
    assert_eq!(
        sequences(&block_on(read(&db, "a", 0, 10)).expect("entries")),
        [1, 2, 4]
    );
    assert_eq!(put(&db, 3, "b", 1), 1, "no transaction is left open");
}

#[test]
fn an_answer_is_bounded_in_bytes_and_never_empty_for_it() {
    let db = Native::new();
    let filler = "x".repeat(BODY_BYTES_MAX - 8);
    let whole = vec![event("k", format!("{{\"a\":\"{filler}\"}}"))];
    for _ in 0..6 {
        block_on(append(&db, 1, "a", None, whole.clone())).expect("appended");
    }
    let fit = ANSWER_BYTES_MAX / BODY_BYTES_MAX as u64;
    assert_eq!(fit, 4);
    assert_eq!(
        sequences(&block_on(read(&db, "a", 1, 100)).expect("entries")),
        [2, 3, 4, 5]
    );
    assert_eq!(
        sequences(&block_on(read(&db, "a", 5, 100)).expect("entries")),
        [6]
    );
    assert_eq!(
        sequences(&block_on(tail(&db, "a", 100)).expect("entries")),
        [3, 4, 5, 6]
    );
    put(&db, 1, "a", 1);
    assert_eq!(
        sequences(&block_on(tail(&db, "a", 100)).expect("entries")),
        [4, 5, 6, 7]
    );
}

#[test]
fn a_stream_has_a_longest_length() {
    let db = Native::new();
    put(&db, 1, "a", 1);
    block_on(db.query("UPDATE ledger_streams SET length = 99999", vec![])).expect("updated");
    let two = block_on(append(&db, 1, "a", None, vec![event("k", "{}"); 2]));
    assert!(matches!(two, Err(Error::Invalid(_))), "{two:?}");
    assert_eq!(put(&db, 1, "a", 1), 100_000);
    let more = block_on(append(&db, 1, "a", None, vec![event("k", "{}")]));
    assert!(matches!(more, Err(Error::Invalid(_))), "{more:?}");
}

#[test]
fn values_are_never_sql_and_prefixes_no_patterns() {
    let db = Native::new();
    let evil = "x');DROP/**/TABLE/**/ledger_events;--";
    let body = r#"{"a":"'; DROP TABLE ledger_events; --"}"#;
    block_on(append(&db, 1, evil, None, vec![event("k", body)])).expect("appended");
    put(&db, 1, "a%b", 1);
    put(&db, 1, "axb", 1);
    let names = |prefix: &str| -> Vec<String> {
        let streams = block_on(list(&db, prefix, 0, 10)).expect("streams");
        streams.into_iter().map(|stream| stream.name).collect()
    };
    assert_eq!(names("a%"), ["a%b"]);
    assert_eq!(names("a_"), Vec::<String>::new());
    assert_eq!(names("x'"), [evil]);
    let entries = block_on(read(&db, evil, 0, 10)).expect("entries");
    assert_eq!(entries[0].event.body, body);
}

#[test]
fn wrong_requests_are_refused_before_the_store_is_touched() {
    let db = Native::new();
    let invalid = |wrong: Result<(), Error>| assert!(matches!(wrong, Err(Error::Invalid(_))), "{wrong:?}");
    invalid(block_on(append(&db, 1, "a//b", None, vec![event("k", "{}")])).map(drop));
    invalid(block_on(append(&db, 1, "a", None, vec![])).map(drop));
    invalid(block_on(read(&db, "", 0, 1)).map(drop));
    invalid(block_on(read(&db, "a", 0, 0)).map(drop));
    invalid(block_on(tail(&db, "a", 1001)).map(drop));
    invalid(block_on(list(&db, " ", 0, 1)).map(drop));
    invalid(block_on(remove(&db, "a/")).map(drop));
    let tables = block_on(db.query("SELECT name FROM sqlite_schema", vec![])).expect("rows");
    assert_eq!(tables, Vec::<Vec<_>>::new());
}
