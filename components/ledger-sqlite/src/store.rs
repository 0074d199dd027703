//! The seam to SQLite: one statement at a time, parameters only.

use std::future::Future;

use crate::error::Error;

/// A value of SQLite, as far as this leaf stores any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        // No count or time of this leaf comes near the end; a caller's number may, and then means: beyond all.
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// A row of an answer.
pub type Row = Vec<Value>;

/// One connection.
pub trait Database {
    /// Runs one statement and gives its rows, which the statement itself must bound.
    fn query(&self, sql: &str, parameters: Vec<Value>) -> impl Future<Output = Result<Vec<Row>, Error>>;
}

/// Does `work` in one transaction that no other writer can come into.
pub async fn transaction<D: Database, T>(
    db: &D,
    work: impl AsyncFnOnce(&D) -> Result<T, Error>,
) -> Result<T, Error> {
    db.query("BEGIN IMMEDIATE", vec![]).await?;
    let outcome = match work(db).await {
        Ok(value) => db.query("COMMIT", vec![]).await.map(|_| value),
        Err(error) => Err(error),
    };
    if outcome.is_err() {
        // The first error tells what happened; closing the connection rolls back as well.
        let _ = db.query("ROLLBACK", vec![]).await;
    }
    outcome
}

/// A whole number that cannot be negative.
pub fn number(value: Option<&Value>) -> Result<u64, Error> {
    match value {
        Some(Value::Integer(number)) => u64::try_from(*number).map_err(|_| unexpected()),
        _ => Err(unexpected()),
    }
}

/// A text.
pub fn text(value: Option<Value>) -> Result<String, Error> {
    match value {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(unexpected()),
    }
}

/// A row that no statement of this leaf can give.
#[must_use]
pub fn unexpected() -> Error {
    Error::Internal(
        "the database answered with a row of another shape; hint: another program may have changed the tables ledger_*"
            .into(),
    )
}
