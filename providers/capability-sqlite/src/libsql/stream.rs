//! A connection to a libSQL server: a stream of Hrana, which the server ends when it is idle for some seconds.

use super::exchange::Server;
use super::wire::{Executed, Outcome, Request, Requests, Response, Statement, odd};
use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};
use crate::worker::Answer;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc, oneshot};

/// Rows of one batch to a reader.
const BATCH_ROWS_MAX: usize = 64;
/// Batches under way to a reader.
const BATCHES_MAX: usize = 2;
/// A stream that was idle for longer is not used again: servers end them after 10 s.
const IDLE_MAX: Duration = Duration::from_secs(5);

/// A connection. Dropping it closes the stream, which rolls back what was not committed.
pub(crate) struct Remote {
    server: Arc<Server>,
    stream: Mutex<Stream>,
}

#[derive(Default)]
struct Stream {
    /// The name of the stream, and when it was last used.
    baton: Option<(String, Instant)>,
    /// A transaction was under way when the server was last heard of.
    in_transaction: bool,
    /// A transaction was lost, so what comes next would not be part of it.
    lost: bool,
    last_insert_rowid: i64,
    changes: u64,
}

impl Remote {
    pub(crate) fn new(server: Arc<Server>) -> Self {
        Self {
            server,
            stream: Mutex::default(),
        }
    }

    /// Runs a statement. Its rows are all here when this returns; they are handed on in batches.
    pub(crate) async fn execute(&self, sql: String, parameters: Vec<Value>) -> Result<Answer, Error> {
        let mut stream = self.stream.lock().await;
        if stream.lost {
            return Err(Error::InvalidConnection);
        }
        let stmt = Statement {
            sql,
            args: parameters.into_iter().map(Into::into).collect(),
            want_rows: true,
        };
        let requests = Requests {
            baton: stream.baton(),
            requests: vec![Request::Execute { stmt }, Request::GetAutocommit],
        };
        // Until an answer says otherwise, the stream is gone: this future may be dropped while it waits.
        let in_transaction = std::mem::replace(&mut stream.in_transaction, false);
        stream.lost = in_transaction;
        let answer = self.server.exchange(&requests).await?;
        stream.baton = answer.baton.map(|baton| (baton, Instant::now()));
        let (executed, autocommit) = outcomes(answer.results)?;
        stream.in_transaction = !autocommit;
        // A server that ends the stream within a transaction has rolled it back.
        stream.lost = !autocommit && stream.baton.is_none();
        let executed = executed?;
        stream.note(&executed)?;
        let (columns, rows) = executed.table()?;
        Ok(hand_on(columns, rows))
    }

    pub(crate) async fn last_insert_rowid(&self) -> i64 {
        self.stream.lock().await.last_insert_rowid
    }

    pub(crate) async fn changes(&self) -> u64 {
        self.stream.lock().await.changes
    }
}

impl Stream {
    /// The stream to go on with, or none for a new one.
    fn baton(&mut self) -> Option<String> {
        let (baton, used) = self.baton.take()?;
        (self.in_transaction || used.elapsed() < IDLE_MAX).then_some(baton)
    }

    fn note(&mut self, executed: &Executed) -> Result<(), Error> {
        if executed.affected_row_count > 0 {
            self.changes = executed.affected_row_count;
        }
        if let Some(rowid) = &executed.last_insert_rowid {
            self.last_insert_rowid = rowid.parse().map_err(|_| odd("a rowid that is no number"))?;
        }
        Ok(())
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let baton = self.stream.get_mut().baton.take();
        // Outside of a runtime the server ends the stream by itself, a little later.
        if let (Some((baton, _)), Ok(runtime)) = (baton, tokio::runtime::Handle::try_current()) {
            let server = Arc::clone(&self.server);
            runtime.spawn(async move {
                let close = Requests {
                    baton: Some(baton),
                    requests: vec![Request::Close],
                };
                // One that fails is closed by the server.
                drop(server.exchange(&close).await);
            });
        }
    }
}

/// What came of the statement, and whether no transaction is under way.
fn outcomes(results: Vec<Outcome>) -> Result<(Result<Executed, Error>, bool), Error> {
    let Ok([executed, autocommit]) = <[Outcome; 2]>::try_from(results) else {
        return Err(odd("a wrong number of results"));
    };
    let autocommit = match autocommit {
        Outcome::Ok {
            response: Response::GetAutocommit { is_autocommit },
        } => is_autocommit,
        Outcome::Error { error } => return Err(error.error()),
        Outcome::Ok { .. } => return Err(odd("another result than was asked for")),
    };
    let executed = match executed {
        Outcome::Ok {
            response: Response::Execute { result },
        } => Ok(result),
        Outcome::Error { error } => Err(error.error()),
        Outcome::Ok { .. } => return Err(odd("another result than was asked for")),
    };
    Ok((executed, autocommit))
}

fn hand_on(columns: Vec<String>, rows: Vec<RowResult>) -> Answer {
    let (batches, receiver) = mpsc::channel(BATCHES_MAX);
    let (result, outcome) = oneshot::channel();
    tokio::spawn(async move {
        let mut rows = rows.into_iter();
        loop {
            let batch: Vec<_> = rows.by_ref().take(BATCH_ROWS_MAX).collect();
            // A reader that has gone does not want the rest.
            if batch.is_empty() || batches.send(batch).await.is_err() {
                break;
            }
        }
        drop(batches);
        let _ = result.send(Ok(()));
    });
    Answer {
        columns,
        rows: receiver,
        result: outcome,
    }
}
