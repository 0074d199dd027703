//! The JSON of Hrana 3.

use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};

/// What is sent: requests that run one after another in one stream.
#[derive(Serialize)]
pub(super) struct Requests {
    /// The stream, unless it is a new one.
    pub(super) baton: Option<String>,
    pub(super) requests: Vec<Request>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Request {
    Execute { stmt: Statement },
    GetAutocommit,
    Close,
}

#[derive(Serialize)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) args: Vec<Cell>,
    pub(super) want_rows: bool,
}

/// What comes back.
#[derive(Deserialize)]
pub(super) struct Responses {
    /// The stream, if it is still open.
    pub(super) baton: Option<String>,
    /// Where the stream goes on, if elsewhere.
    pub(super) base_url: Option<String>,
    pub(super) results: Vec<Outcome>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Outcome {
    Ok { response: Response },
    Error { error: Refusal },
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Response {
    Execute { result: Executed },
    GetAutocommit { is_autocommit: bool },
    Close,
}

#[derive(Deserialize)]
pub(super) struct Executed {
    cols: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    pub(super) affected_row_count: u64,
    /// A number in decimal digits.
    pub(super) last_insert_rowid: Option<String>,
}

#[derive(Deserialize)]
struct Column {
    name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Refusal {
    message: String,
    code: Option<String>,
}

/// One value. An integer is written in decimal digits, because JSON's numbers are too short for it.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Cell {
    Null,
    Integer { value: String },
    Float { value: f64 },
    Text { value: String },
    Blob { base64: String },
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(value) => Self::Integer {
                value: value.to_string(),
            },
            Value::Real(value) => Self::Float { value },
            Value::Text(value) => Self::Text { value },
            Value::Blob(bytes) => Self::Blob {
                base64: STANDARD_NO_PAD.encode(bytes),
            },
        }
    }
}

impl Cell {
    fn value(self) -> Result<Value, Error> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Integer { value } => {
                Value::Integer(value.parse().map_err(|_| odd("an integer that is none"))?)
            }
            Self::Float { value } => Value::Real(value),
            Self::Text { value } => Value::Text(value),
            // Servers differ in whether they pad.
            Self::Blob { base64 } => Value::Blob(
                STANDARD
                    .decode(&base64)
                    .or_else(|_| STANDARD_NO_PAD.decode(&base64))
                    .map_err(|_| odd("a blob that is not base64"))?,
            ),
        })
    }
}

impl Executed {
    /// The columns and the rows.
    pub(super) fn table(self) -> Result<(Vec<String>, Vec<RowResult>), Error> {
        let columns = self
            .cols
            .into_iter()
            .map(|column| column.name.unwrap_or_default());
        let rows = self.rows.into_iter().map(|cells| {
            let values = cells.into_iter().map(Cell::value).collect::<Result<_, _>>()?;
            Ok(RowResult { values })
        });
        Ok((columns.collect(), rows.collect::<Result<_, Error>>()?))
    }
}

impl Refusal {
    /// As a file would have refused.
    pub(super) fn error(self) -> Error {
        match self.code.as_deref() {
            Some("SQLITE_FULL") => Error::DatabaseFull,
            Some("SQLITE_AUTH") => Error::AccessDenied,
            _ => Error::Io(self.message),
        }
    }
}

/// The server said something that Hrana does not have.
pub(super) fn odd(what: &str) -> Error {
    Error::Io(format!(
        "the libSQL server answered with {what}; hint: is the url of this database one of a libSQL server?"
    ))
}
