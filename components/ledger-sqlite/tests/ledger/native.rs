//! The seam over a real SQLite, without a sandbox.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use ledger_sqlite::entry::{Entry, Event};
use ledger_sqlite::error::Error;
use ledger_sqlite::store::{Database, Row, Value};
use rusqlite::Connection;
use rusqlite::types::{Value as Sql, ValueRef};

pub(crate) struct Native(Connection);

impl Native {
    pub(crate) fn new() -> Self {
        Self(Connection::open_in_memory().expect("a database"))
    }

    /// A connection as the host opens one.
    pub(crate) fn open(path: &Path) -> Self {
        let connection = Connection::open(path).expect("a database");
        connection
            .busy_timeout(Duration::from_secs(60))
            .expect("a timeout");
        // Switching a new file needs it alone, and SQLite does not wait for that: the host tries again too.
        while let Err(error) = connection.pragma_update(None, "journal_mode", "WAL") {
            assert_eq!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DatabaseBusy),
                "{error}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        Self(connection)
    }

    fn run(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Error> {
        let failed = |error: rusqlite::Error| Error::Internal(format!("{error} in {sql}"));
        let parameters = parameters.into_iter().map(|value| match value {
            Value::Integer(number) => Sql::Integer(number),
            Value::Text(text) => Sql::Text(text),
        });
        let mut statement = self.0.prepare(sql).map_err(failed)?;
        let columns = statement.column_count();
        let mut rows = statement
            .query(rusqlite::params_from_iter(parameters))
            .map_err(failed)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let value = |i| match row.get_ref_unwrap(i) {
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                other => panic!("a value that this leaf does not store: {other:?}"),
            };
            all.push((0..columns).map(value).collect());
        }
        Ok(all)
    }
}

impl Database for Native {
    fn query(&self, sql: &str, parameters: Vec<Value>) -> impl Future<Output = Result<Vec<Row>, Error>> {
        std::future::ready(self.run(sql, parameters))
    }
}

pub(crate) fn event(kind: &str, body: impl Into<String>) -> Event {
    Event {
        kind: kind.into(),
        body: body.into(),
    }
}

pub(crate) fn sequences(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.sequence).collect()
}
