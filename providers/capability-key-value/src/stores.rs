//! The stores of an application: a file a label, opened when first asked for.

use crate::bindings::spin::key_value::key_value::Error;
use crate::store::Store;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Longest label.
const LABEL_BYTES_MAX: usize = 64;

/// The key-value stores of an application, in one folder.
#[derive(Debug)]
pub struct Stores {
    folder: PathBuf,
    /// As many as the manifest grants labels.
    opened: Mutex<BTreeMap<String, Arc<OnceCell<Store>>>>,
}

impl Stores {
    /// Keeps stores in `folder`, which must exist.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            opened: Mutex::default(),
        }
    }

    /// The store of a label that was granted.
    pub(crate) async fn open(&self, label: &str) -> Result<Store, Error> {
        let file = self.file(label).ok_or(Error::NoSuchStore)?;
        let cell = {
            let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(opened.entry(label.to_owned()).or_default())
        };
        cell.get_or_try_init(|| Store::open(file)).await.cloned()
    }

    /// The file of a store, or `None` for a label that could leave the folder.
    fn file(&self, label: &str) -> Option<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (!label.is_empty() && label.len() <= LABEL_BYTES_MAX && label.chars().all(plain))
            .then(|| self.folder.join(format!("{label}.db")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_in_the_folder() {
        let stores = Stores::new("state");
        assert!(stores.file("default").is_some());
        let long = "a".repeat(65);
        for wrong in ["", "../x", "a/b", "a.b", "a\0b", long.as_str()] {
            assert_eq!(stores.file(wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_label_has_one_store_and_labels_do_not_mix() {
        let folder = tempfile::tempdir().expect("a folder");
        let stores = Stores::new(folder.path());
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
        let stores = Stores::new(&missing);
        let error = stores.open("default").await.expect_err("no folder");
        assert!(
            matches!(&error, Error::Other(text) if text.contains("hint:")),
            "{error:?}"
        );
        std::fs::create_dir(&missing).expect("a folder");
        stores.open("default").await.expect("opens now");
    }
}
