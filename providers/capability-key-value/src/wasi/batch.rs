//! `wasi:keyvalue/batch`.

use super::interface::batch::Host;
use super::{Fallible, WasiError};
use crate::KeyValueCtxView;
use crate::page::Entries;
use crate::store::Store;
use wasmtime::component::Resource;

impl Host for KeyValueCtxView<'_> {
    async fn get_many(&mut self, bucket: Resource<Store>, keys: Vec<String>) -> Fallible<Entries> {
        Ok(self.store(&bucket)?.get_many(keys).await.map_err(WasiError::from))
    }

    async fn set_many(&mut self, bucket: Resource<Store>, entries: Vec<(String, Vec<u8>)>) -> Fallible<()> {
        Ok(self
            .store(&bucket)?
            .set_many(entries)
            .await
            .map_err(WasiError::from))
    }

    async fn delete_many(&mut self, bucket: Resource<Store>, keys: Vec<String>) -> Fallible<()> {
        Ok(self
            .store(&bucket)?
            .delete_many(keys)
            .await
            .map_err(WasiError::from))
    }
}
