//! `wasi:keyvalue/store`.

use super::interface::store::{Host, HostBucket, KeyResponse};
use super::{Fallible, WasiError};
use crate::KeyValueCtxView;
use crate::page::Cursor;
use crate::store::Store;
use wasmtime::component::Resource;

/// Keys of one answer, about.
const LISTED_KEYS_MAX: usize = 1024;
const AFTER: &str = "after:";
const SCAN: &str = "scan:";

impl Host for KeyValueCtxView<'_> {
    async fn open(&mut self, label: String) -> Fallible<Resource<Store>> {
        let stores = match self.admit(&label) {
            Ok(stores) => stores,
            Err(error) => return Ok(Err(error.into())),
        };
        match stores.open(&label).await {
            Ok(store) => Ok(self.keep(store)?.map_err(WasiError::from)),
            Err(error) => Ok(Err(error.into())),
        }
    }
}

impl HostBucket for KeyValueCtxView<'_> {
    async fn get(&mut self, bucket: Resource<Store>, key: String) -> Fallible<Option<Vec<u8>>> {
        Ok(self.store(&bucket)?.get(key).await.map_err(WasiError::from))
    }

    async fn set(&mut self, bucket: Resource<Store>, key: String, value: Vec<u8>) -> Fallible<()> {
        Ok(self
            .store(&bucket)?
            .set(key, value)
            .await
            .map_err(WasiError::from))
    }

    async fn delete(&mut self, bucket: Resource<Store>, key: String) -> Fallible<()> {
        Ok(self.store(&bucket)?.delete(key).await.map_err(WasiError::from))
    }

    async fn exists(&mut self, bucket: Resource<Store>, key: String) -> Fallible<bool> {
        Ok(self.store(&bucket)?.exists(key).await.map_err(WasiError::from))
    }

    async fn list_keys(&mut self, bucket: Resource<Store>, cursor: Option<String>) -> Fallible<KeyResponse> {
        let store = self.store(&bucket)?;
        Ok(list(&store, cursor).await)
    }

    async fn drop(&mut self, bucket: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        self.ctx.open = self.ctx.open.saturating_sub(1);
        Ok(())
    }
}

/// As many keys as one answer may have, and where the next are.
async fn list(store: &Store, cursor: Option<String>) -> Result<KeyResponse, WasiError> {
    let mut from = cursor.as_deref().map(read).transpose()?;
    let mut keys = Vec::new();
    loop {
        let page = store.page(from).await?;
        keys.extend(page.keys);
        from = page.next;
        if from.is_none() || keys.len() >= LISTED_KEYS_MAX {
            break;
        }
    }
    Ok(KeyResponse {
        keys,
        cursor: from.map(|cursor| match cursor {
            Cursor::After(key) => format!("{AFTER}{key}"),
            Cursor::Scan(number) => format!("{SCAN}{number}"),
        }),
    })
}

fn read(cursor: &str) -> Result<Cursor, WasiError> {
    let scan = |number: &str| number.parse().ok().map(Cursor::Scan);
    let after = cursor
        .strip_prefix(AFTER)
        .map(|key| Cursor::After(key.to_owned()));
    after
        .or_else(|| cursor.strip_prefix(SCAN).and_then(scan))
        .ok_or_else(|| WasiError::Other("no such cursor; hint: give one that list-keys gave".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    #[tokio::test]
    async fn a_long_listing_goes_on_where_its_cursor_says() {
        let store = Store::open(&Place::Memory, "a").await.expect("opens");
        let expected: Vec<String> = (0..LISTED_KEYS_MAX + 70).map(|n| format!("{n:05}")).collect();
        for some in expected.chunks(500) {
            let entries = some.iter().map(|key| (key.clone(), Vec::new())).collect();
            store.set_many(entries).await.expect("sets");
        }
        let first = list(&store, None).await.expect("lists");
        assert_eq!(first.keys, expected[..LISTED_KEYS_MAX]);
        let rest = list(&store, first.cursor).await.expect("goes on");
        assert_eq!(
            (rest.keys.as_slice(), rest.cursor),
            (&expected[LISTED_KEYS_MAX..], None)
        );
        for wrong in ["", "x", "scan:x", "scan:7"] {
            let refused = list(&store, Some(wrong.to_owned())).await;
            assert!(
                matches!(refused, Err(WasiError::Other(text)) if text.contains("hint:")),
                "{wrong}"
            );
        }
    }
}
