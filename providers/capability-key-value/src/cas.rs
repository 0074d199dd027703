//! A compare-and-swap under way.

use crate::bindings::spin::key_value::key_value::Error;
use crate::store::Store;

/// A key and the value that was last seen under it.
#[derive(Debug, Clone)]
pub struct Cas {
    store: Store,
    key: String,
    seen: Option<Vec<u8>>,
}

impl Cas {
    /// Looks at the key: a swap succeeds only if nobody has changed it since.
    pub(crate) async fn new(store: Store, key: String) -> Result<Self, Error> {
        let seen = store.get(key.clone()).await?;
        Ok(Self { store, key, seen })
    }

    /// Looks again.
    pub(crate) async fn again(self) -> Result<Self, Error> {
        Self::new(self.store, self.key).await
    }

    pub(crate) fn seen(&self) -> Option<&Vec<u8>> {
        self.seen.as_ref()
    }

    /// Sets the value if it is the one seen; says whether it was.
    pub(crate) async fn swap(&self, value: Vec<u8>) -> Result<bool, Error> {
        let (key, seen) = (self.key.clone(), self.seen.clone());
        self.store.swap(key, seen, value).await
    }
}
