//! What fails, as the interface says it. No text has an address, or a parameter.

use crate::bindings::spin::postgres::postgres::{DbError, Error, QueryError};
use std::error::Error as _;

/// A parameter that cannot be used.
pub(crate) fn bad_parameter(what: impl Into<String>) -> Error {
    Error::BadParameter(what.into())
}

/// A failure without more than a text.
pub(crate) fn text(what: impl Into<String>) -> Error {
    Error::QueryFailed(QueryError::Text(what.into()))
}

/// What the driver or the server said of a statement.
pub(crate) fn of_statement(error: &tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(said) => Error::QueryFailed(QueryError::DbError(of_server(said))),
        None if error.is_closed() => text("the connection is closed; hint: open another one"),
        None => text(chain(error)),
    }
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &tokio_postgres::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

fn of_server(said: &tokio_postgres::error::DbError) -> DbError {
    let line = said.line().map(|line| line.to_string());
    let extras = [
        ("column", said.column()),
        ("constraint", said.constraint()),
        ("routine", said.routine()),
        ("hint", said.hint()),
        ("table", said.table()),
        ("datatype", said.datatype()),
        ("schema", said.schema()),
        ("file", said.file()),
        ("line", line.as_deref()),
        ("where_", said.where_()),
    ];
    DbError {
        as_text: said.to_string(),
        severity: said.severity().to_owned(),
        code: said.code().code().to_owned(),
        message: said.message().to_owned(),
        detail: said.detail().map(str::to_owned),
        extras: extras
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect(),
    }
}
