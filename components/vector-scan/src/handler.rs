//! The boundary: `gyre:vector` in, `spin:sqlite` out.

#[expect(
    unsafe_code,
    reason = "wit-bindgen's generated bindings call the canonical ABI"
)]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit/deps/sqlite", "../../wit/vector", "wit"],
        world: "gyre:vector-scan/vector-scan",
        generate_all,
    });
    export!(Leaf);
    use super::Leaf;
}

use bindings::exports::gyre::vector::collections::{self as port, Guest};
use bindings::spin::sqlite::sqlite;

use crate::entry::{Attribute, Entry};
use crate::error::Error;
use crate::search::{Query, Search};
use crate::store::{Database, Row, Value};

/// Rows asked for at once: enough to make the boundary cheap, few enough to stay small.
const ROWS_AT_ONCE: usize = 64;

struct Leaf;

impl Guest for Leaf {
    async fn upsert(collection: String, entries: Vec<port::Entry>) -> Result<u32, port::Error> {
        let db = Connection::open().await?;
        let entries = entries.into_iter().map(entry).collect();
        Ok(crate::write::upsert(&db, &collection, entries).await?)
    }

    async fn search(request: port::SearchRequest) -> Result<Vec<port::Hit>, port::Error> {
        let db = Connection::open().await?;
        let hits = crate::search::search(&db, &search(request)).await?;
        Ok(hits.into_iter().map(hit).collect())
    }

    async fn delete(collection: String, filter: Vec<port::Attribute>) -> Result<u64, port::Error> {
        let db = Connection::open().await?;
        Ok(crate::write::delete(&db, &collection, &attributes(filter)).await?)
    }

    async fn count(collection: String, filter: Vec<port::Attribute>) -> Result<u64, port::Error> {
        let db = Connection::open().await?;
        Ok(crate::write::count(&db, &collection, &attributes(filter)).await?)
    }
}

struct Connection(sqlite::Connection);

impl Connection {
    async fn open() -> Result<Self, Error> {
        sqlite::Connection::open_async("default".to_owned())
            .await
            .map(Self)
            .map_err(failure)
    }
}

impl Database for Connection {
    async fn query(
        &self,
        sql: &str,
        parameters: Vec<Value>,
        on_row: &mut dyn FnMut(Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let parameters = parameters.into_iter().map(into_sqlite).collect();
        let (_, mut rows, outcome) = self
            .0
            .execute_async(sql.to_owned(), parameters)
            .await
            .map_err(failure)?;
        let mut verdict = Ok(());
        loop {
            // Drained to the end even after an error: the connection waits for it.
            let (status, batch) = rows.read(Vec::with_capacity(ROWS_AT_ONCE)).await;
            for row in batch {
                if verdict.is_ok() {
                    verdict = on_row(row.values.into_iter().map(from_sqlite).collect());
                }
            }
            if !matches!(status, wit_bindgen::StreamResult::Complete(_)) {
                break;
            }
        }
        outcome.await.map_err(failure)?;
        verdict
    }
}

fn failure(error: sqlite::Error) -> Error {
    match error {
        sqlite::Error::AccessDenied | sqlite::Error::NoSuchDatabase => Error::Denied(
            "the database `default` may not be used: add sqlite_databases = [\"default\"] to the component that \
             uses this leaf, and inherit_configuration = [\"sqlite_databases\"] to the dependency"
                .into(),
        ),
        sqlite::Error::DatabaseFull => Error::Unavailable("the database is full: free space on its disk".into()),
        sqlite::Error::Io(text) if text.contains("locked") || text.contains("busy") => {
            Error::Unavailable("the database is busy: try again".into())
        }
        sqlite::Error::Io(text) if text.contains("full") => {
            Error::Unavailable("the database is full: free space on its disk".into())
        }
        // The host's text may hold a path or a passage; it stays behind.
        sqlite::Error::Io(_) => Error::Internal("the database failed; the host's log says why".into()),
        sqlite::Error::InvalidConnection => Error::Internal("the connection to the database was lost".into()),
    }
}

fn into_sqlite(value: Value) -> sqlite::Value {
    match value {
        Value::Integer(number) => sqlite::Value::Integer(number),
        Value::Real(number) => sqlite::Value::Real(number),
        Value::Text(text) => sqlite::Value::Text(text),
        Value::Blob(bytes) => sqlite::Value::Blob(bytes),
        Value::Null => sqlite::Value::Null,
    }
}

fn from_sqlite(value: sqlite::Value) -> Value {
    match value {
        sqlite::Value::Integer(number) => Value::Integer(number),
        sqlite::Value::Real(number) => Value::Real(number),
        sqlite::Value::Text(text) => Value::Text(text),
        sqlite::Value::Blob(bytes) => Value::Blob(bytes),
        sqlite::Value::Null => Value::Null,
    }
}

impl From<Error> for port::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::DimensionMismatch { expected, given } => {
                Self::DimensionMismatch(bindings::exports::gyre::vector::types::DimensionMismatch {
                    expected,
                    given,
                })
            }
            Error::Invalid(text) => Self::Invalid(text),
            Error::Denied(text) => Self::Denied(text),
            Error::Unavailable(text) => Self::Unavailable(text),
            Error::Internal(text) => Self::Internal(text),
        }
    }
}

fn attributes(attributes: Vec<port::Attribute>) -> Vec<Attribute> {
    attributes
        .into_iter()
        .map(|a| Attribute {
            name: a.name,
            value: a.value,
        })
        .collect()
}

fn entry(entry: port::Entry) -> Entry {
    Entry {
        id: entry.id,
        text: entry.text,
        vector: entry.vector,
        attributes: attributes(entry.attributes),
    }
}

fn search(request: port::SearchRequest) -> Search {
    let query = match request.query {
        bindings::exports::gyre::vector::types::Query::Dense(vector) => Query::Dense(vector),
        bindings::exports::gyre::vector::types::Query::Lexical(text) => Query::Lexical(text),
    };
    Search {
        collection: request.collection,
        query,
        filter: attributes(request.filter),
        limit: request.limit,
    }
}

fn hit(hit: crate::search::Hit) -> port::Hit {
    let attributes = hit
        .attributes
        .into_iter()
        .map(|a| port::Attribute {
            name: a.name,
            value: a.value,
        })
        .collect();
    port::Hit {
        id: hit.id,
        score: hit.score,
        text: hit.text,
        attributes,
    }
}
