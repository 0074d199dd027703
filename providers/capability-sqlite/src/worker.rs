//! The thread of one connection: it owns the handle, runs one statement at a time and ends with its last sender.

mod batches;

use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};
use crate::guard;
use crate::writers::Turn;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, ErrorCode, params_from_iter};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long a statement waits for another connection's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How soon a connection tries again to switch a new file to WAL.
const WAL_RETRY: Duration = Duration::from_millis(5);
/// Batches under way to a reader.
const BATCHES_MAX: usize = 2;

/// A statement to run.
pub(crate) struct Execute {
    pub(crate) statement: String,
    pub(crate) parameters: Vec<Value>,
    /// Given once the thread has said that the statement waits for it.
    pub(crate) turn: Option<Turn>,
}

/// What a thread is asked.
pub(crate) enum Command {
    Execute(Execute, oneshot::Sender<Result<Begun, Error>>),
    LastInsertRowid(oneshot::Sender<i64>),
    Changes(oneshot::Sender<u64>),
}

/// What becomes of a statement.
pub(crate) enum Begun {
    /// It is under way.
    Runs(Answer),
    /// It writes, and this connection has not the turn to.
    Waits(Execute),
}

/// A statement under way.
pub(crate) struct Answer {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: mpsc::Receiver<Vec<RowResult>>,
    pub(crate) result: oneshot::Receiver<Result<(), Error>>,
}

/// A connection, and the turn to write while it holds it: from the first statement that writes to the end of the
/// transaction that it is in. Closing the connection rolls back, and only then the turn goes on.
struct Desk {
    connection: Connection,
    turn: Option<Turn>,
}

/// Opens `file`, or a database in memory, and serves commands until every sender is gone.
pub(crate) fn start(file: Option<&Path>) -> Result<mpsc::Sender<Command>, Error> {
    let mut desk = Desk {
        connection: open(file).map_err(as_error)?,
        turn: None,
    };
    let (commands, mut inbox) = mpsc::channel(1);
    std::thread::Builder::new()
        .name("sqlite".to_owned())
        .spawn(move || {
            while let Some(command) = inbox.blocking_recv() {
                desk.serve(command);
            }
        })
        .map_err(|error| Error::Io(format!("cannot start a thread: {error}")))?;
    Ok(commands)
}

fn open(file: Option<&Path>) -> rusqlite::Result<Connection> {
    let mut connection = match file {
        Some(file) => Connection::open(file)?,
        None => Connection::open_in_memory()?,
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    to_wal(&connection)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.authorizer(Some(guard::authorize))?;
    Ok(connection)
}

/// A new file is switched to WAL by whoever has it alone, and SQLite does not wait for that by itself.
fn to_wal(connection: &Connection) -> rusqlite::Result<()> {
    let give_up = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < give_up =>
            {
                std::thread::sleep(WAL_RETRY);
            }
            done => return done,
        }
    }
}

impl Desk {
    /// A caller that no longer waits for an answer is no failure.
    fn serve(&mut self, command: Command) {
        match command {
            Command::Execute(execute, answer) => {
                self.run(execute, answer);
                if self.connection.is_autocommit() {
                    self.turn = None;
                }
            }
            Command::LastInsertRowid(answer) => drop(answer.send(self.connection.last_insert_rowid())),
            Command::Changes(answer) => drop(answer.send(self.connection.changes())),
        }
    }

    fn run(&mut self, mut execute: Execute, begun: oneshot::Sender<Result<Begun, Error>>) {
        let mut statement = match self.connection.prepare(&execute.statement) {
            Ok(statement) => statement,
            Err(error) => return drop(begun.send(Err(as_error(error)))),
        };
        // SQLite counts `BEGIN IMMEDIATE` as writing, and what ends a transaction as not.
        if self.turn.is_none() && !statement.readonly() {
            match execute.turn.take() {
                Some(turn) => self.turn = Some(turn),
                None => return drop(begun.send(Ok(Begun::Waits(execute)))),
            }
        }
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let width = columns.len();
        let rows = match statement.query(params_from_iter(execute.parameters.into_iter().map(into_sql))) {
            Ok(rows) => rows,
            Err(error) => return drop(begun.send(Err(as_error(error)))),
        };
        let (batches, receiver) = mpsc::channel(BATCHES_MAX);
        let (result, outcome) = oneshot::channel();
        let answer = Answer {
            columns,
            rows: receiver,
            result: outcome,
        };
        // Without columns there are no rows to wait for: run the statement before saying that it was.
        if width == 0 {
            let done = batches::send(rows, width, &batches);
            let _ = result.send(Ok(()));
            return drop(begun.send(done.map(|()| Begun::Runs(answer))));
        }
        if begun.send(Ok(Begun::Runs(answer))).is_ok() {
            let outcome = batches::send(rows, width, &batches);
            drop(batches);
            let _ = result.send(outcome);
        }
    }
}

fn into_sql(value: Value) -> Sql {
    match value {
        Value::Integer(integer) => Sql::Integer(integer),
        Value::Real(real) => Sql::Real(real),
        Value::Text(text) => Sql::Text(text),
        Value::Blob(blob) => Sql::Blob(blob),
        Value::Null => Sql::Null,
    }
}

fn as_error(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::DatabaseFull,
        Some(ErrorCode::AuthorizationForStatementDenied) => Error::AccessDenied,
        _ => Error::Io(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
