//! The seam to SQLite: one statement at a time, parameters only.

use std::future::Future;

use crate::error::Error;

/// A value of SQLite.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// Nothing.
    Null,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A row of an answer.
pub type Row = Vec<Value>;

/// One connection.
pub trait Database {
    /// Runs one statement and hands over its rows; returns when the last row has been read.
    fn query(
        &self,
        sql: &str,
        parameters: Vec<Value>,
        on_row: &mut dyn FnMut(Row) -> Result<(), Error>,
    ) -> impl Future<Output = Result<(), Error>>;
}

/// Runs a statement whose rows do not matter.
pub async fn execute(db: &impl Database, sql: &str, parameters: Vec<Value>) -> Result<(), Error> {
    db.query(sql, parameters, &mut |_| Ok(())).await
}

/// All rows of a statement that has few.
pub async fn rows(db: &impl Database, sql: &str, parameters: Vec<Value>) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    db.query(sql, parameters, &mut |row| {
        rows.push(row);
        Ok(())
    })
    .await?;
    Ok(rows)
}

/// The whole number that a statement answers with; none when it has no row or the row has null.
pub async fn integer(db: &impl Database, sql: &str, parameters: Vec<Value>) -> Result<Option<i64>, Error> {
    let rows = rows(db, sql, parameters).await?;
    match rows.first().and_then(|row| row.first()) {
        Some(Value::Integer(number)) => Ok(Some(*number)),
        None | Some(Value::Null) => Ok(None),
        Some(_) => Err(unexpected()),
    }
}

/// `?, ?, …`
#[must_use]
pub fn placeholders(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// A row that no statement of this leaf can give.
#[must_use]
pub fn unexpected() -> Error {
    Error::Internal("the database answered with a row of another shape".into())
}
