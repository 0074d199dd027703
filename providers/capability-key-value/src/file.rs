//! A store kept in a file: the way to the thread that owns it. The file is laid out as Spin's, so both hosts can use it.

use crate::bindings::spin::key_value::key_value::Error;
use crate::bounds::check_batch;
use crate::page::{Cursor, Entries, PAGE_KEYS_MAX, Page};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Pages of a store's file: 1 GiB of SQLite's usual 4 KiB.
const FILE_PAGES_MAX: i64 = 262_144;
/// Calls that wait for the thread before the next caller does.
const CALLS_MAX: usize = 16;
/// How long a statement waits for the lock of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_PAUSE: Duration = Duration::from_millis(5);

const TABLE: &str = "CREATE TABLE IF NOT EXISTS spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, \
     value BLOB NOT NULL, PRIMARY KEY (store, key))";
const GET: &str = "SELECT value FROM spin_key_value WHERE store = ? AND key = ?";
const SET: &str = "INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?) \
     ON CONFLICT (store, key) DO UPDATE SET value = excluded.value";
const DELETE: &str = "DELETE FROM spin_key_value WHERE store = ? AND key = ?";

type Call = Box<dyn FnOnce(&mut Connection) + Send>;

/// The thread ends with the last of its holders.
#[derive(Debug, Clone)]
pub(crate) struct FileStore {
    calls: mpsc::Sender<Call>,
    label: Arc<str>,
}

impl FileStore {
    /// Opens the store `label` in a file, which is made if it is missing; in memory if there is none.
    pub(crate) async fn open(file: Option<PathBuf>, label: &str) -> Result<Self, Error> {
        let calls = tokio::task::spawn_blocking(move || start(file.as_deref()))
            .await
            .map_err(|error| Error::Other(error.to_string()))??;
        Ok(Self {
            calls,
            label: label.into(),
        })
    }

    pub(crate) async fn get(&self, key: String) -> Result<Option<Vec<u8>>, Error> {
        self.ask(move |connection, store| find(connection, store, &key))
            .await
    }

    pub(crate) async fn exists(&self, key: String) -> Result<bool, Error> {
        self.ask(move |connection, store| Ok(connection.prepare_cached(GET)?.exists([store, &key])?))
            .await
    }

    /// The next keys after `after`, in the order of their bytes.
    pub(crate) async fn page(&self, after: Option<String>) -> Result<Page, Error> {
        self.ask(move |connection, store| {
            // The empty text is a key too.
            let compare = if after.is_some() { ">" } else { ">=" };
            let select = format!(
                "SELECT key FROM spin_key_value WHERE store = ? AND key {compare} ? ORDER BY key LIMIT {PAGE_KEYS_MAX}"
            );
            let mut statement = connection.prepare_cached(&select)?;
            let keys = statement.query_map([store, &after.unwrap_or_default()], |row| row.get(0))?;
            let keys: Vec<String> = keys.collect::<Result<_, _>>()?;
            let full = keys.len() == PAGE_KEYS_MAX;
            let next = keys.last().filter(|_| full).cloned().map(Cursor::After);
            Ok(Page { keys, next })
        })
        .await
    }

    pub(crate) async fn get_many(&self, keys: Vec<String>) -> Result<Entries, Error> {
        self.ask(move |connection, store| {
            let mut batch_bytes = 0;
            keys.into_iter()
                .map(|key| {
                    let value = find(connection, store, &key)?;
                    batch_bytes += value.as_ref().map_or(0, Vec::len);
                    check_batch(batch_bytes)?;
                    Ok((key, value))
                })
                .collect()
        })
        .await
    }

    pub(crate) async fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), Error> {
        self.ask(move |connection, store| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (key, value) in entries {
                transaction
                    .prepare_cached(SET)?
                    .execute(params![store, key, value])?;
            }
            Ok(transaction.commit()?)
        })
        .await
    }

    pub(crate) async fn delete_many(&self, keys: Vec<String>) -> Result<(), Error> {
        self.ask(move |connection, store| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for key in keys {
                transaction.prepare_cached(DELETE)?.execute([store, &key])?;
            }
            Ok(transaction.commit()?)
        })
        .await
    }

    /// As in Spin's files, a number is eight bytes, the smallest first.
    pub(crate) async fn increment(&self, key: String, delta: i64) -> Result<i64, Error> {
        self.ask(move |connection, store| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let number = match find(&transaction, store, &key)? {
                None => 0,
                Some(value) => i64::from_le_bytes(value.try_into().map_err(|_| not_a_number())?),
            };
            let sum = number.checked_add(delta).ok_or_else(not_a_number)?;
            let value = sum.to_le_bytes();
            transaction
                .prepare_cached(SET)?
                .execute(params![store, key, value])?;
            transaction.commit()?;
            Ok(sum)
        })
        .await
    }

    /// Sets the value if it still is `seen`; says whether it was.
    pub(crate) async fn swap(
        &self,
        key: String,
        seen: Option<Vec<u8>>,
        value: Vec<u8>,
    ) -> Result<bool, Error> {
        self.ask(move |connection, store| {
            let changed = match seen {
                Some(seen) => connection
                    .prepare_cached(
                        "UPDATE spin_key_value SET value = ? WHERE store = ? AND key = ? AND value = ?",
                    )?
                    .execute(params![value, store, key, seen])?,
                None => connection
                    .prepare_cached(
                        "INSERT OR IGNORE INTO spin_key_value (store, key, value) VALUES (?, ?, ?)",
                    )?
                    .execute(params![store, key, value])?,
            };
            Ok(changed == 1)
        })
        .await
    }

    async fn ask<A: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Connection, &str) -> Result<A, Failure> + Send + 'static,
    ) -> Result<A, Error> {
        let (sender, receiver) = oneshot::channel();
        let label = Arc::clone(&self.label);
        let call: Call = Box::new(move |connection| {
            // A caller that no longer waits for an answer is no failure.
            drop(sender.send(call(connection, &label)));
        });
        self.calls.send(call).await.map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())?.map_err(|failure| failure.0)
    }
}

/// Why a call came to nothing.
struct Failure(Error);

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self(as_error(error))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

fn find(connection: &Connection, store: &str, key: &str) -> Result<Option<Vec<u8>>, Failure> {
    let mut statement = connection.prepare_cached(GET)?;
    Ok(statement.query_row([store, key], |row| row.get(0)).optional()?)
}

/// Opens `file` and serves calls until every sender is gone.
fn start(file: Option<&Path>) -> Result<mpsc::Sender<Call>, Error> {
    let mut connection = connect(file).map_err(as_error)?;
    let (calls, mut inbox) = mpsc::channel::<Call>(CALLS_MAX);
    std::thread::Builder::new()
        .name("key-value".to_owned())
        .spawn(move || {
            while let Some(call) = inbox.blocking_recv() {
                call(&mut connection);
            }
        })
        .map_err(|error| Error::Other(format!("cannot start a thread: {error}")))?;
    Ok(calls)
}

fn connect(file: Option<&Path>) -> rusqlite::Result<Connection> {
    let connection = match file {
        Some(file) => Connection::open(file)?,
        None => Connection::open_in_memory()?,
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    write_ahead(&connection)?;
    // What was said to be set is there after a power cut too; stores are small and seldom written.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "max_page_count", FILE_PAGES_MAX)?;
    connection.execute(TABLE, [])?;
    Ok(connection)
}

/// Two that open a new file at once ask for this together: SQLite tells one of them at once that it is busy, without the
/// wait that it was told of.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let until = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && Instant::now() < until => std::thread::sleep(BUSY_PAUSE),
            done => return done,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

fn not_a_number() -> Error {
    Error::Other(
        "the value is not a number that can be added to; hint: only `increment` should write this key"
            .to_owned(),
    )
}

fn gone() -> Error {
    Error::Other("the thread of this store has ended; hint: start the server again".to_owned())
}

/// Names no key: a key may be a secret.
fn as_error(error: rusqlite::Error) -> Error {
    Error::Other(match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "the store is full: its limit is 1 GiB, or the disk has no room; hint: delete keys".to_owned()
        }
        Some(ErrorCode::CannotOpen | ErrorCode::NotADatabase | ErrorCode::ReadOnly) => {
            "the store's file cannot be opened; hint: see that its folder is there and can be written"
                .to_owned()
        }
        _ => format!("the store failed: {error}; hint: if it stays so, look after the disk of its folder"),
    })
}

#[cfg(test)]
mod tests;
