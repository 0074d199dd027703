//! Many connections to one file: what sandboxes are to the host's database.

use std::path::PathBuf;

use crate::native::{Native, event, sequences};
use futures::executor::block_on;
use ledger_sqlite::error::Error;
use ledger_sqlite::read::read;
use ledger_sqlite::write::append;

const WRITERS: u64 = 4;
const APPENDS: u64 = 25;

/// A file of its own that goes with its test.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let file = format!("ledger-{name}-{}.db", std::process::id());
        Self(std::env::temp_dir().join(file))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(suffix);
            // What SQLite has removed itself is not there.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Lets all writers append to one stream at once, each with a connection of its own.
fn write(file: &File, work: impl Fn(&Native, u64) + Sync) {
    let work = &work;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                let db = Native::open(&file.0);
                for _ in 0..APPENDS {
                    work(&db, writer);
                }
            });
        }
    });
}

fn check(file: &File) {
    let db = Native::open(&file.0);
    let entries = block_on(read(&db, "s", 0, 1000)).expect("entries");
    let all: Vec<u64> = (1..=WRITERS * APPENDS * 2).collect();
    assert_eq!(sequences(&entries), all);
    for writer in 0..WRITERS {
        let body = format!("{{\"writer\":{writer}}}");
        let own = entries.iter().filter(|entry| entry.event.body == body);
        assert_eq!(own.count() as u64, APPENDS * 2, "of writer {writer}");
    }
    // Both events of an append stand side by side.
    for pair in entries.chunks(2) {
        assert_eq!(pair[0].event, pair[1].event);
    }
}

fn pair(writer: u64) -> Vec<ledger_sqlite::entry::Event> {
    vec![event("k", format!("{{\"writer\":{writer}}}")); 2]
}

#[test]
fn appends_at_once_lose_and_repeat_nothing() {
    let file = File::new("append");
    write(&file, |db, writer| {
        block_on(append(db, 1, "s", None, pair(writer))).expect("appended");
    });
    check(&file);
}

#[test]
fn of_those_who_expect_the_same_length_one_wins() {
    let file = File::new("compare");
    write(&file, |db, writer| {
        let mut expected = 0;
        loop {
            match block_on(append(db, 1, "s", Some(expected), pair(writer))) {
                Ok(length) => break assert_eq!(length, expected + 2),
                Err(Error::Conflict(length)) => {
                    assert_ne!(length, expected);
                    expected = length;
                }
                Err(error) => panic!("{error}"),
            }
        }
    });
    check(&file);
}
