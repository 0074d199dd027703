//! `spin:sqlite`, as the seam wants it.

use crate::bindings::spin::sqlite::sqlite;
use crate::error::Error;
use crate::store::{Database, Row, Value, unexpected};

/// Rows asked for at once: enough to make the boundary cheap, few enough to stay small.
const ROWS_AT_ONCE: usize = 64;

/// One connection to the database `default`.
pub(crate) struct Connection(sqlite::Connection);

impl Connection {
    pub(crate) async fn open() -> Result<Self, Error> {
        sqlite::Connection::open_async("default".to_owned())
            .await
            .map(Self)
            .map_err(failure)
    }
}

impl Database for Connection {
    async fn query(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Error> {
        let parameters = parameters.into_iter().map(into_sqlite).collect();
        let (_, mut stream, outcome) = self
            .0
            .execute_async(sql.to_owned(), parameters)
            .await
            .map_err(failure)?;
        let mut rows = Ok(Vec::new());
        loop {
            // Drained to the end even after an error: the connection waits for it.
            let (status, batch) = stream.read(Vec::with_capacity(ROWS_AT_ONCE)).await;
            for row in batch {
                rows = rows.and_then(|mut rows| {
                    rows.push(
                        row.values
                            .into_iter()
                            .map(from_sqlite)
                            .collect::<Result<Row, _>>()?,
                    );
                    Ok(rows)
                });
            }
            if !matches!(status, wit_bindgen::StreamResult::Complete(_)) {
                break;
            }
        }
        outcome.await.map_err(failure)?;
        rows
    }
}

fn failure(error: sqlite::Error) -> Error {
    match error {
        sqlite::Error::AccessDenied | sqlite::Error::NoSuchDatabase => Error::Unavailable(
            "the database `default` may not be used; hint: add sqlite_databases = [\"default\"] to the component that \
             uses this leaf, and inherit_configuration = [\"sqlite_databases\"] to the dependency"
                .into(),
        ),
        sqlite::Error::DatabaseFull => full(),
        sqlite::Error::Io(text) if text.contains("locked") || text.contains("busy") => {
            Error::Unavailable("the database is busy; hint: try again".into())
        }
        sqlite::Error::Io(text) if text.contains("full") => full(),
        // The host's text may hold a path or an event; it stays behind.
        sqlite::Error::Io(_) => Error::Internal("the database failed; hint: the host's log says why".into()),
        sqlite::Error::InvalidConnection => {
            Error::Internal("the connection to the database was lost; hint: try again".into())
        }
    }
}

fn full() -> Error {
    Error::Unavailable("the database is full; hint: free space on its disk".into())
}

fn into_sqlite(value: Value) -> sqlite::Value {
    match value {
        Value::Integer(number) => sqlite::Value::Integer(number),
        Value::Text(text) => sqlite::Value::Text(text),
    }
}

fn from_sqlite(value: sqlite::Value) -> Result<Value, Error> {
    match value {
        sqlite::Value::Integer(number) => Ok(Value::Integer(number)),
        sqlite::Value::Text(text) => Ok(Value::Text(text)),
        sqlite::Value::Real(_) | sqlite::Value::Blob(_) | sqlite::Value::Null => Err(unexpected()),
    }
}
