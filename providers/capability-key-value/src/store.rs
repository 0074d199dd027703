//! One store as a sandbox holds it: bounds first, then whatever keeps it.

use crate::bindings::spin::key_value::key_value::Error;
use crate::bounds::{check_batch, check_count, check_key, check_keys, check_value};
use crate::file::FileStore;
use crate::page::{Cursor, Entries, Page};
use crate::place::Place;
use crate::remote::RedisStore;

/// A store. What keeps it is shared with all sandboxes that hold it, and goes with the last of them.
#[derive(Debug, Clone)]
pub struct Store(Keeper);

#[derive(Debug, Clone)]
enum Keeper {
    File(FileStore),
    Redis(RedisStore),
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
