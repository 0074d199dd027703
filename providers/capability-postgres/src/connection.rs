//! An open connection: statements with parameters in, counts and rows out.

use crate::bindings::spin::postgres::postgres::{Column, Error, ParameterValue};
use crate::failure;
use crate::rows::{self, ANSWER_TIMEOUT, Rows};
use crate::value;
use deadpool_postgres::Object;
use std::fmt;
use std::sync::Arc;
use tokio_postgres::Statement;
use value::Encoded;

/// An open connection. Its clones are the same connection; with the last it goes back to its pool.
#[derive(Clone)]
pub struct Connection(Arc<Object>);

/// What a query gives.
pub(crate) struct Answer {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Rows,
}

impl Connection {
    pub(crate) fn new(connection: Object) -> Self {
        Self(Arc::new(connection))
    }

    /// Runs a statement; gives how many rows it changed.
    pub(crate) async fn execute(
        &self,
        statement: &str,
        parameters: Vec<ParameterValue>,
    ) -> Result<u64, Error> {
        in_time(async {
            let (statement, parameters) = self.prepare(statement, &parameters).await?;
            let changed = self.0.execute_raw(&statement, parameters).await;
            changed.map_err(|error| failure::of_statement(&error))
        })
        .await
    }

    /// Runs a query; its rows are read as they are asked for.
    pub(crate) async fn query(
        &self,
        statement: &str,
        parameters: Vec<ParameterValue>,
    ) -> Result<Answer, Error> {
        in_time(async {
            let (statement, parameters) = self.prepare(statement, &parameters).await?;
            let columns = statement.columns().iter().map(value::column).collect();
            let stream = self.0.query_raw(&statement, parameters).await;
            let stream = stream.map_err(|error| failure::of_statement(&error))?;
            Ok(Answer {
                columns,
                rows: rows::read(stream, self.clone()),
            })
        })
        .await
    }

    async fn prepare(
        &self,
        statement: &str,
        parameters: &[ParameterValue],
    ) -> Result<(Statement, Vec<Encoded>), Error> {
        let statement = self.0.prepare(statement).await;
        let statement = statement.map_err(|error| failure::of_statement(&error))?;
        let types = statement.params();
        if types.len() != parameters.len() {
            return Err(failure::bad_parameter(format!(
                "the statement has {} parameters and {} are given",
                types.len(),
                parameters.len()
            )));
        }
        let encoded = parameters
            .iter()
            .zip(types)
            .enumerate()
            .map(|(index, (value, ty))| {
                value::encode(value, ty)
                    .map_err(|what| failure::bad_parameter(format!("parameter ${}: {what}", index + 1)))
            });
        let encoded = encoded.collect::<Result<_, _>>()?;
        Ok((statement, encoded))
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match tokio::time::timeout(ANSWER_TIMEOUT, work).await {
        Ok(done) => done,
        Err(_elapsed) => Err(rows::too_slow()),
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}
