//! The stores of an application: a place a label, opened when first asked for.

use crate::bindings::spin::key_value::key_value::Error;
use crate::place::Place;
use crate::store::Store;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// The label that is always there.
const DEFAULT: &str = "default";

/// The key-value stores of an application.
#[derive(Debug)]
pub struct Stores {
    places: BTreeMap<String, Place>,
    /// As many as there are places.
    opened: Mutex<BTreeMap<String, Arc<OnceCell<Store>>>>,
}

impl Stores {
    /// Stores at these places. `default`, where it is not among them, is a file in `folder`, which must exist.
    pub fn new(folder: impl Into<PathBuf>, mut places: BTreeMap<String, Place>) -> Self {
        places
            .entry(DEFAULT.to_owned())
            .or_insert_with(|| Place::File(folder.into().join("default.db")));
        Self {
            places,
            opened: Mutex::default(),
        }
    }

    /// Whether something keeps the store of this label.
    #[must_use]
    pub fn has(&self, label: &str) -> bool {
        self.places.contains_key(label)
    }

    /// The store of a label that was granted.
    pub(crate) async fn open(&self, label: &str) -> Result<Store, Error> {
        let place = self.places.get(label).ok_or(Error::NoSuchStore)?;
        let cell = {
            let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(opened.entry(label.to_owned()).or_default())
        };
        cell.get_or_try_init(|| Store::open(place, label)).await.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_folder(folder: &std::path::Path, labels: &[&str]) -> Stores {
        let place = |label: &&str| ((*label).to_owned(), Place::File(folder.join("shared.db")));
        Stores::new(folder, labels.iter().map(place).collect())
    }

    #[test]
    fn only_default_needs_no_place() {
        let stores = in_folder("state".as_ref(), &["cache"]);
        assert!(stores.has("default") && stores.has("cache"));
        for none in ["", "other", "../x", "Default"] {
            assert!(!stores.has(none), "{none}");
        }
    }

    #[tokio::test]
    async fn a_label_has_one_store_and_labels_of_one_file_do_not_mix() {
        let folder = tempfile::tempdir().expect("a folder");
        let stores = in_folder(folder.path(), &["one", "other"]);
        let (one, same, other) = tokio::join!(stores.open("one"), stores.open("one"), stores.open("other"));
        let (one, same, other) = (one.expect("opens"), same.expect("opens"), other.expect("opens"));
        one.set("k".into(), b"v".to_vec()).await.expect("sets");
        assert_eq!(same.get("k".into()).await.expect("gets"), Some(b"v".to_vec()));
        assert_eq!(other.get("k".into()).await.expect("gets"), None);
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_opened_says_so_and_may_be_tried_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("later");
        let stores = Stores::new(&missing, BTreeMap::new());
        let error = stores.open("default").await.expect_err("no folder");
        assert!(
            matches!(&error, Error::Other(text) if text.contains("hint:")),
            "{error:?}"
        );
        std::fs::create_dir(&missing).expect("a folder");
        stores.open("default").await.expect("opens now");
    }

    #[test]
    fn the_address_of_a_server_is_not_shown() {
        let server = crate::RedisServer::new("redis://:hunter2@localhost:1").expect("an address");
        let stores = Stores::new("state", [("cache".to_owned(), Place::Redis(server))].into());
        assert!(!format!("{stores:?}").contains("hunter2"));
        let error = crate::RedisServer::new("hunter2://x").err().expect("no address");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
