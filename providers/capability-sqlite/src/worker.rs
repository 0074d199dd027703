//! The thread of one connection: it owns the handle, runs one statement at a time and ends with its last sender.

use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};
use crate::guard;
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, ErrorCode, Rows, params_from_iter};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long a statement waits for another connection's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How soon a connection tries again to switch a new file to WAL.
const WAL_RETRY: Duration = Duration::from_millis(5);
/// A batch of rows is sent when it reaches either bound.
const BATCH_ROWS_MAX: usize = 64;
const BATCH_BYTES_MAX: usize = 256 * 1024;
/// Text and blobs of one query's rows at most.
const QUERY_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Batches under way to a reader.
const BATCHES_MAX: usize = 2;

/// A statement to run.
pub(crate) struct Execute {
    pub(crate) statement: String,
    pub(crate) parameters: Vec<Value>,
    pub(crate) answer: oneshot::Sender<Result<Answer, Error>>,
}

/// What a thread is asked.
pub(crate) enum Command {
    Execute(Execute),
    LastInsertRowid(oneshot::Sender<i64>),
    Changes(oneshot::Sender<u64>),
}

/// A statement under way.
pub(crate) struct Answer {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: mpsc::Receiver<Vec<RowResult>>,
    pub(crate) result: oneshot::Receiver<Result<(), Error>>,
}

/// Opens `file`, or a database in memory, and serves commands until every sender is gone.
pub(crate) fn start(file: Option<&Path>) -> Result<mpsc::Sender<Command>, Error> {
    let connection = open(file).map_err(as_error)?;
    let (commands, mut inbox) = mpsc::channel(1);
    std::thread::Builder::new()
        .name("sqlite".to_owned())
        .spawn(move || {
            while let Some(command) = inbox.blocking_recv() {
                serve(&connection, command);
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

/// A caller that no longer waits for an answer is no failure.
fn serve(connection: &Connection, command: Command) {
    match command {
        Command::Execute(execute) => run(connection, execute),
        Command::LastInsertRowid(answer) => drop(answer.send(connection.last_insert_rowid())),
        Command::Changes(answer) => drop(answer.send(connection.changes())),
    }
}

fn run(connection: &Connection, execute: Execute) {
    let mut statement = match connection.prepare(&execute.statement) {
        Ok(statement) => statement,
        Err(error) => return drop(execute.answer.send(Err(as_error(error)))),
    };
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let width = columns.len();
    let rows = match statement.query(params_from_iter(execute.parameters.into_iter().map(into_sql))) {
        Ok(rows) => rows,
        Err(error) => return drop(execute.answer.send(Err(as_error(error)))),
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
        let outcome = send_rows(rows, width, &batches);
        let answer = match outcome {
            Ok(()) => Ok(answer),
            Err(error) => Err(error),
        };
        let _ = result.send(Ok(()));
        return drop(execute.answer.send(answer));
    }
    if execute.answer.send(Ok(answer)).is_ok() {
        let outcome = send_rows(rows, width, &batches);
        drop(batches);
        let _ = result.send(outcome);
    }
}

/// Steps through the rows until they end, fail, or nobody reads them any more.
fn send_rows(mut rows: Rows<'_>, width: usize, batches: &mpsc::Sender<Vec<RowResult>>) -> Result<(), Error> {
    let mut batch = Vec::new();
    let (mut batch_bytes, mut query_bytes) = (0, 0);
    while let Some(row) = rows.next().map_err(as_error)? {
        let values = (0..width)
            .map(|column| row.get_ref(column).map(from_sql))
            .collect::<Result<Vec<_>, _>>()
            .map_err(as_error)?;
        let bytes = values.iter().map(size).sum::<usize>();
        query_bytes += bytes;
        if query_bytes > QUERY_BYTES_MAX {
            return Err(Error::Io(format!(
                "the rows exceed {QUERY_BYTES_MAX} bytes; hint: select fewer"
            )));
        }
        batch_bytes += bytes;
        batch.push(RowResult { values });
        if batch.len() >= BATCH_ROWS_MAX || batch_bytes >= BATCH_BYTES_MAX {
            batch_bytes = 0;
            if batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
    }
    if !batch.is_empty() {
        // A reader that has gone does not want the last rows either.
        let _ = batches.blocking_send(batch);
    }
    Ok(())
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(blob) => blob.len(),
        Value::Integer(_) | Value::Real(_) | Value::Null => 8,
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

fn from_sql(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => Value::Integer(integer),
        ValueRef::Real(real) => Value::Real(real),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(blob) => Value::Blob(blob.to_vec()),
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
mod tests {
    use super::*;

    struct Database {
        commands: mpsc::Sender<Command>,
        _folder: tempfile::TempDir,
    }

    impl Database {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let commands = start(Some(&folder.path().join("test.db"))).expect("it opens");
            Self {
                commands,
                _folder: folder,
            }
        }

        fn begin(&self, statement: &str, parameters: Vec<Value>) -> Result<Answer, Error> {
            let (answer, answered) = oneshot::channel();
            let execute = Execute {
                statement: statement.to_owned(),
                parameters,
                answer,
            };
            self.commands
                .blocking_send(Command::Execute(execute))
                .expect("the thread lives");
            answered.blocking_recv().expect("an answer")
        }

        fn run(&self, statement: &str, parameters: Vec<Value>) -> Result<Vec<RowResult>, Error> {
            let mut answer = self.begin(statement, parameters)?;
            let mut rows = Vec::new();
            while let Some(batch) = answer.rows.blocking_recv() {
                assert!(batch.len() <= BATCH_ROWS_MAX, "{} rows in a batch", batch.len());
                rows.extend(batch);
            }
            answer.result.blocking_recv().expect("a result").map(|()| rows)
        }
    }

    #[test]
    fn rows_come_in_bounded_batches_and_parameters_are_bound() {
        let database = Database::new();
        database
            .run("CREATE TABLE t (n INTEGER, s TEXT)", vec![])
            .expect("creates");
        let nasty = "'); DROP TABLE t; --";
        for n in 0..200 {
            let row = vec![Value::Integer(n), Value::Text(nasty.to_owned())];
            database.run("INSERT INTO t VALUES (?, ?)", row).expect("inserts");
        }
        let rows = database
            .run("SELECT n, s FROM t ORDER BY n", vec![])
            .expect("selects");
        assert_eq!(rows.len(), 200);
        assert!(matches!(&rows[199].values[..], [Value::Integer(199), Value::Text(text)] if text == nasty));
    }

    #[test]
    fn a_reader_that_leaves_does_not_hold_up_the_next_statement() {
        let database = Database::new();
        let many = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c";
        drop(database.begin(many, vec![]).expect("begins"));
        assert_eq!(database.run("SELECT 1", vec![]).expect("selects").len(), 1);
    }

    #[test]
    fn a_new_file_may_be_opened_by_many_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        for round in 0..100 {
            let file = folder.path().join(format!("{round}.db"));
            let together = std::sync::Barrier::new(8);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        together.wait();
                        open(Some(&file)).expect("opens")
                    });
                }
            });
        }
    }

    #[test]
    fn other_files_and_settings_are_out_of_reach() {
        let database = Database::new();
        for statement in [
            "ATTACH 'other.db' AS other",
            "PRAGMA journal_mode = DELETE",
            "SELECT load_extension('x')",
        ] {
            let refused = database.run(statement, vec![]);
            assert!(
                matches!(refused, Err(Error::AccessDenied | Error::Io(_))),
                "{statement}: {refused:?}"
            );
        }
        database
            .run("PRAGMA user_version = 3", vec![])
            .expect("its own data");
        assert!(matches!(database.run("nonsense", vec![]), Err(Error::Io(_))));
    }
}
