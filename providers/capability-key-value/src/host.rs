//! The WIT boundary.

use crate::bindings::spin::key_value::key_value::{Error, Host, HostStore, HostStoreWithStore};
use crate::keys::{self, KeyStream};
use crate::store::Store;
use crate::stores::Stores;
use crate::{KeyValue, KeyValueCtxView, STORES_OPEN_MAX};
use std::sync::Arc;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

pub(crate) type Fallible<T> = wasmtime::Result<Result<T, Error>>;
type Keys = (StreamReader<String>, FutureReader<Result<(), Error>>);

impl Host for KeyValueCtxView<'_> {}

impl KeyValueCtxView<'_> {
    /// The application's stores, if this sandbox may open `label` and one more store.
    pub(crate) fn admit(&self, label: &str) -> Result<Arc<Stores>, Error> {
        if !self.ctx.allowed.iter().any(|allowed| allowed == label) {
            return Err(Error::AccessDenied);
        }
        if self.ctx.open >= STORES_OPEN_MAX {
            return Err(Error::StoreTableFull);
        }
        Ok(Arc::clone(&self.ctx.stores))
    }

    /// Opening waits, and others may have opened meanwhile: the bound is looked at again.
    pub(crate) fn keep(&mut self, store: Store) -> Fallible<Resource<Store>> {
        if self.ctx.open >= STORES_OPEN_MAX {
            return Ok(Err(Error::StoreTableFull));
        }
        let resource = self.table.push(store)?;
        self.ctx.open += 1;
        Ok(Ok(resource))
    }

    pub(crate) fn store(&self, resource: &Resource<Store>) -> wasmtime::Result<Store> {
        Ok(self.table.get(resource)?.clone())
    }
}

impl HostStore for KeyValueCtxView<'_> {
    async fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(store)?;
        self.ctx.open = self.ctx.open.saturating_sub(1);
        Ok(())
    }
}

fn held<T>(access: &Accessor<T, KeyValue>, store: &Resource<Store>) -> wasmtime::Result<Store> {
    access.with(|mut access| access.get().store(store))
}

impl<T: Send> HostStoreWithStore<T> for KeyValue {
    async fn open(access: &Accessor<T, Self>, label: String) -> Fallible<Resource<Store>> {
        let stores = match access.with(|mut access| access.get().admit(&label)) {
            Ok(stores) => stores,
            Err(error) => return Ok(Err(error)),
        };
        match stores.open(&label).await {
            Ok(store) => access.with(|mut access| access.get().keep(store)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn get(
        access: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
    ) -> Fallible<Option<Vec<u8>>> {
        Ok(held(access, &store)?.get(key).await)
    }

    async fn set(
        access: &Accessor<T, Self>,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> Fallible<()> {
        Ok(held(access, &store)?.set(key, value).await)
    }

    async fn delete(access: &Accessor<T, Self>, store: Resource<Store>, key: String) -> Fallible<()> {
        Ok(held(access, &store)?.delete(key).await)
    }

    async fn exists(access: &Accessor<T, Self>, store: Resource<Store>, key: String) -> Fallible<bool> {
        Ok(held(access, &store)?.exists(key).await)
    }

    async fn get_keys(access: &Accessor<T, Self>, store: Resource<Store>) -> wasmtime::Result<Keys> {
        let listing = keys::list(held(access, &store)?);
        access.with(|mut access| {
            let keys = StreamReader::new(&mut access, KeyStream(listing.pages))?;
            let result = FutureReader::new(&mut access, listing.result)?;
            Ok((keys, result))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyValueCtx;
    use wasmtime::component::ResourceTable;

    fn admitted(allowed: &[&str], open: usize, label: &str) -> Result<(), Error> {
        let allowed: Vec<String> = allowed.iter().map(|label| (*label).to_owned()).collect();
        let mut ctx = KeyValueCtx::new(allowed.into(), Arc::new(Stores::new("state", Default::default())));
        ctx.open = open;
        KeyValueCtxView {
            ctx: &mut ctx,
            table: &mut ResourceTable::new(),
        }
        .admit(label)
        .map(|_stores| ())
    }

    #[test]
    fn only_granted_stores_open_and_only_so_many() {
        assert!(admitted(&["default"], 0, "default").is_ok());
        assert!(matches!(admitted(&[], 0, "default"), Err(Error::AccessDenied)));
        assert!(matches!(
            admitted(&["default"], 0, "other"),
            Err(Error::AccessDenied)
        ));
        assert!(matches!(
            admitted(&["default"], STORES_OPEN_MAX, "default"),
            Err(Error::StoreTableFull)
        ));
    }

    #[tokio::test]
    async fn a_store_counts_until_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder");
        let stores = Arc::new(Stores::new(folder.path(), Default::default()));
        let allowed = vec!["default".to_owned()];
        let mut ctx = KeyValueCtx::new(allowed.into(), Arc::clone(&stores));
        ctx.open = STORES_OPEN_MAX - 1;
        let mut view = KeyValueCtxView {
            ctx: &mut ctx,
            table: &mut ResourceTable::new(),
        };
        let store = stores.open("default").await.expect("opens");
        let held = view.keep(store.clone()).expect("a table").expect("the last one");
        assert!(matches!(view.keep(store), Ok(Err(Error::StoreTableFull))));
        HostStore::drop(&mut view, held).await.expect("drops");
        assert!(view.admit("default").is_ok());
    }
}
