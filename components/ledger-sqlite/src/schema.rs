//! The tables.

use crate::error::Error;
use crate::store::{Database, transaction};

const STATEMENTS: &[&str] = &[
    // `changed` is the key of the stream's last event: keys grow with every append, clocks may not.
    "CREATE TABLE IF NOT EXISTS ledger_streams (
        key INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        length INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        updated_ms INTEGER NOT NULL,
        changed INTEGER NOT NULL
    )",
    // `bytes` stands before the body so that a read can be bounded without touching bodies.
    "CREATE TABLE IF NOT EXISTS ledger_events (
        key INTEGER PRIMARY KEY,
        stream INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (stream, sequence)
    )",
];

/// The last thing that is created: when it is there, all is.
const LAST: &str = "SELECT 1 FROM sqlite_schema WHERE name = 'ledger_events'";

/// Creates what is missing.
pub async fn ensure<D: Database>(db: &D) -> Result<(), Error> {
    if !db.query(LAST, vec![]).await?.is_empty() {
        return Ok(());
    }
    transaction(db, async |db: &D| {
        for statement in STATEMENTS {
            db.query(statement, vec![]).await?;
        }
        Ok(())
    })
    .await
}
