//! One store as a sandbox holds it: bounds first, then whatever keeps it.

use crate::bindings::spin::key_value::key_value::Error;
use crate::file::FileStore;
use crate::place::Place;
use crate::remote::RedisStore;

/// Bytes of a key.
const KEY_BYTES_MAX: usize = 1024;
/// Bytes of a value.
pub(crate) const VALUE_BYTES_MAX: usize = 1024 * 1024;
/// Keys of one batch.
const BATCH_KEYS_MAX: usize = 1024;
/// Bytes of the values of one batch.
pub(crate) const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Keys of one page, about.
pub(crate) const PAGE_KEYS_MAX: usize = 64;

/// Keys with their values.
pub(crate) type Entries = Vec<(String, Option<Vec<u8>>)>;

/// A store. What keeps it is shared with all sandboxes that hold it, and goes with the last of them.
#[derive(Debug, Clone)]
pub struct Store(Keeper);

#[derive(Debug, Clone)]
enum Keeper {
    File(FileStore),
    Redis(RedisStore),
}

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cursor {
    After(String),
    Scan(u64),
}

/// Some keys, and where the next are.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) keys: Vec<String>,
    pub(crate) next: Option<Cursor>,
}

impl Store {
    pub(crate) async fn open(place: &Place, label: &str) -> Result<Self, Error> {
        Ok(Self(match place {
            Place::File(file) => Keeper::File(FileStore::open(Some(file.clone()), label).await?),
            Place::Memory => Keeper::File(FileStore::open(None, label).await?),
            Place::Redis(server) => Keeper::Redis(RedisStore::open(server).await?),
        }))
    }

    pub(crate) async fn get(&self, key: String) -> Result<Option<Vec<u8>>, Error> {
        check_key(&key)?;
        match &self.0 {
            Keeper::File(store) => store.get(key).await,
            Keeper::Redis(store) => store.get(&key).await,
        }
    }

    pub(crate) async fn set(&self, key: String, value: Vec<u8>) -> Result<(), Error> {
        check_key(&key)?;
        check_value(&value)?;
        match &self.0 {
            Keeper::File(store) => store.set_many(vec![(key, value)]).await,
            Keeper::Redis(store) => store.set_many(&[(key, value)]).await,
        }
    }

    pub(crate) async fn delete(&self, key: String) -> Result<(), Error> {
        self.delete_many(vec![key]).await
    }

    pub(crate) async fn exists(&self, key: String) -> Result<bool, Error> {
        check_key(&key)?;
        match &self.0 {
            Keeper::File(store) => store.exists(key).await,
            Keeper::Redis(store) => store.exists(&key).await,
        }
    }

    /// The next keys; in the order of their bytes where a file keeps them.
    pub(crate) async fn page(&self, from: Option<Cursor>) -> Result<Page, Error> {
        match (&self.0, from) {
            (Keeper::File(store), None) => store.page(None).await,
            (Keeper::File(store), Some(Cursor::After(key))) => store.page(Some(key)).await,
            (Keeper::Redis(store), None) => store.page(0).await,
            (Keeper::Redis(store), Some(Cursor::Scan(cursor))) => store.page(cursor).await,
            _ => Err(Error::Other(
                "the cursor is of another store; hint: list again from the start".to_owned(),
            )),
        }
    }

    pub(crate) async fn get_many(&self, keys: Vec<String>) -> Result<Entries, Error> {
        check_keys(&keys)?;
        match &self.0 {
            Keeper::File(store) => store.get_many(keys).await,
            Keeper::Redis(store) => store.get_many(keys).await,
        }
    }

    /// All or none of them.
    pub(crate) async fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), Error> {
        let mut batch_bytes = 0;
        check_count(entries.len())?;
        for (key, value) in &entries {
            check_key(key)?;
            check_value(value)?;
            batch_bytes += value.len();
        }
        check_batch(batch_bytes)?;
        match &self.0 {
            Keeper::File(store) => store.set_many(entries).await,
            Keeper::Redis(store) => store.set_many(&entries).await,
        }
    }

    /// All or none of them.
    pub(crate) async fn delete_many(&self, keys: Vec<String>) -> Result<(), Error> {
        check_keys(&keys)?;
        match &self.0 {
            Keeper::File(store) => store.delete_many(keys).await,
            Keeper::Redis(store) => store.delete_many(&keys).await,
        }
    }

    /// Adds to a number; a key that is not there is 0.
    pub(crate) async fn increment(&self, key: String, delta: i64) -> Result<i64, Error> {
        check_key(&key)?;
        match &self.0 {
            Keeper::File(store) => store.increment(key, delta).await,
            Keeper::Redis(store) => store.increment(&key, delta).await,
        }
    }

    /// Sets the value if it still is `seen`; says whether it was.
    pub(crate) async fn swap(
        &self,
        key: String,
        seen: Option<Vec<u8>>,
        value: Vec<u8>,
    ) -> Result<bool, Error> {
        check_key(&key)?;
        check_value(&value)?;
        match &self.0 {
            Keeper::File(store) => store.swap(key, seen, value).await,
            Keeper::Redis(store) => store.swap(&key, seen, value).await,
        }
    }
}

fn check_keys(keys: &[String]) -> Result<(), Error> {
    check_count(keys.len())?;
    keys.iter().try_for_each(|key| check_key(key))
}

fn check_count(keys: usize) -> Result<(), Error> {
    if keys <= BATCH_KEYS_MAX {
        return Ok(());
    }
    Err(Error::Other(format!(
        "{keys} keys at once, the limit is {BATCH_KEYS_MAX}; hint: ask for them in parts"
    )))
}

fn check_key(key: &str) -> Result<(), Error> {
    check_length("key", key.len(), KEY_BYTES_MAX)
}

pub(crate) fn check_value(value: &[u8]) -> Result<(), Error> {
    check_length("value", value.len(), VALUE_BYTES_MAX)
}

fn check_length(what: &str, bytes: usize, bytes_max: usize) -> Result<(), Error> {
    if bytes <= bytes_max {
        return Ok(());
    }
    Err(Error::Other(format!(
        "the {what} has {bytes} bytes, the limit is {bytes_max}; hint: store less under one key"
    )))
}

/// Refuses values that are too much together.
pub(crate) fn check_batch(bytes: usize) -> Result<(), Error> {
    if bytes <= BATCH_BYTES_MAX {
        return Ok(());
    }
    Err(Error::Other(format!(
        "the values have more than {BATCH_BYTES_MAX} bytes together, which is the limit; hint: ask for them in parts"
    )))
}
