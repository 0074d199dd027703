//! One store: the way to the thread that owns its file.

use crate::bindings::spin::key_value::key_value::Error;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Bytes of a key.
const KEY_BYTES_MAX: usize = 1024;
/// Bytes of a value.
const VALUE_BYTES_MAX: usize = 1024 * 1024;
/// Pages of a store's file: 1 GiB of SQLite's usual 4 KiB.
const FILE_PAGES_MAX: i64 = 262_144;
/// Calls that wait for the thread before the next caller does.
const CALLS_MAX: usize = 16;
/// How long a statement waits for the lock of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Keys of one page.
pub(crate) const PAGE_KEYS_MAX: usize = 64;

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT";

type Call = Box<dyn FnOnce(&Connection) + Send>;

/// A store as a sandbox holds it. The thread ends with the last of its holders.
#[derive(Debug, Clone)]
pub struct Store {
    calls: mpsc::Sender<Call>,
}

impl Store {
    pub(crate) async fn open(file: PathBuf) -> Result<Self, Error> {
        let calls = tokio::task::spawn_blocking(move || start(&file))
            .await
            .map_err(|error| Error::Other(error.to_string()))??;
        Ok(Self { calls })
    }

    pub(crate) async fn get(&self, key: String) -> Result<Option<Vec<u8>>, Error> {
        check_key(&key)?;
        self.ask(move |connection| {
            let mut statement = connection.prepare_cached("SELECT value FROM entries WHERE key = ?")?;
            statement.query_row([key], |row| row.get(0)).optional()
        })
        .await
    }

    pub(crate) async fn set(&self, key: String, value: Vec<u8>) -> Result<(), Error> {
        check_key(&key)?;
        if value.len() > VALUE_BYTES_MAX {
            return Err(too_long("value", value.len(), VALUE_BYTES_MAX));
        }
        self.ask(move |connection| {
            let upsert = "INSERT INTO entries VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";
            connection.prepare_cached(upsert)?.execute(params![key, value])
        })
        .await
        .map(|_rows| ())
    }

    pub(crate) async fn delete(&self, key: String) -> Result<(), Error> {
        check_key(&key)?;
        self.ask(move |connection| {
            connection
                .prepare_cached("DELETE FROM entries WHERE key = ?")?
                .execute([key])
        })
        .await
        .map(|_rows| ())
    }

    pub(crate) async fn exists(&self, key: String) -> Result<bool, Error> {
        check_key(&key)?;
        self.ask(move |connection| {
            connection
                .prepare_cached("SELECT 1 FROM entries WHERE key = ?")?
                .exists([key])
        })
        .await
    }

    /// The next keys after `after`, in the order of their bytes; none when there are no more.
    pub(crate) async fn page(&self, after: Option<String>) -> Result<Vec<String>, Error> {
        self.ask(move |connection| {
            // The empty text is a key too.
            let compare = if after.is_some() { ">" } else { ">=" };
            let select =
                format!("SELECT key FROM entries WHERE key {compare} ? ORDER BY key LIMIT {PAGE_KEYS_MAX}");
            let mut statement = connection.prepare_cached(&select)?;
            let keys = statement.query_map([after.unwrap_or_default()], |row| row.get(0))?;
            keys.collect()
        })
        .await
    }

    async fn ask<A: Send + 'static>(
        &self,
        call: impl FnOnce(&Connection) -> rusqlite::Result<A> + Send + 'static,
    ) -> Result<A, Error> {
        let (sender, receiver) = oneshot::channel();
        let call: Call = Box::new(move |connection| {
            // A caller that no longer waits for an answer is no failure.
            drop(sender.send(call(connection)));
        });
        self.calls.send(call).await.map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())?.map_err(as_error)
    }
}

/// Opens `file` and serves calls until every sender is gone.
fn start(file: &Path) -> Result<mpsc::Sender<Call>, Error> {
    let connection = connect(file).map_err(as_error)?;
    let (calls, mut inbox) = mpsc::channel::<Call>(CALLS_MAX);
    std::thread::Builder::new()
        .name("key-value".to_owned())
        .spawn(move || {
            while let Some(call) = inbox.blocking_recv() {
                call(&connection);
            }
        })
        .map_err(|error| Error::Other(format!("cannot start a thread: {error}")))?;
    Ok(calls)
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What was said to be set is there after a power cut too; stores are small and seldom written.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "max_page_count", FILE_PAGES_MAX)?;
    connection.execute(TABLE, [])?;
    Ok(connection)
}

fn check_key(key: &str) -> Result<(), Error> {
    if key.len() <= KEY_BYTES_MAX {
        return Ok(());
    }
    Err(too_long("key", key.len(), KEY_BYTES_MAX))
}

fn too_long(what: &str, bytes: usize, bytes_max: usize) -> Error {
    Error::Other(format!(
        "the {what} has {bytes} bytes, the limit is {bytes_max}; hint: store less under one key"
    ))
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
            "the store's file cannot be opened; hint: see that the state folder is there and can be written"
                .to_owned()
        }
        _ => format!(
            "the store failed: {error}; hint: if it stays so, look after the disk of the state folder"
        ),
    })
}

#[cfg(test)]
mod tests;
