//! `wasi:keyvalue/atomics`.

use super::interface::atomics::{CasError, Host, HostCas};
use super::{Fallible, WasiError};
use crate::cas::Cas;
use crate::store::Store;
use crate::{KeyValueCtxView, SWAPS_OPEN_MAX};
use wasmtime::component::Resource;

impl KeyValueCtxView<'_> {
    /// A handle of a compare-and-swap, if this sandbox may have one more.
    fn keep_cas(&mut self, cas: Cas) -> Fallible<Resource<Cas>> {
        if self.ctx.swaps >= SWAPS_OPEN_MAX {
            return Ok(Err(WasiError::Other(format!(
                "more than {SWAPS_OPEN_MAX} compare-and-swaps under way; hint: drop some"
            ))));
        }
        let resource = self.table.push(cas)?;
        self.ctx.swaps += 1;
        Ok(Ok(resource))
    }

    fn forget_cas(&mut self, cas: Resource<Cas>) -> wasmtime::Result<Cas> {
        self.ctx.swaps = self.ctx.swaps.saturating_sub(1);
        Ok(self.table.delete(cas)?)
    }
}

impl HostCas for KeyValueCtxView<'_> {
    async fn new(&mut self, bucket: Resource<Store>, key: String) -> Fallible<Resource<Cas>> {
        match Cas::new(self.store(&bucket)?, key).await {
            Ok(cas) => self.keep_cas(cas),
            Err(error) => Ok(Err(error.into())),
        }
    }

    async fn current(&mut self, cas: Resource<Cas>) -> Fallible<Option<Vec<u8>>> {
        let looked = self.table.get(&cas)?.clone();
        match looked.again().await {
            Ok(fresh) => {
                let value = fresh.seen().cloned();
                *self.table.get_mut(&cas)? = fresh;
                Ok(Ok(value))
            }
            Err(error) => Ok(Err(error.into())),
        }
    }

    async fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.forget_cas(cas).map(|_cas| ())
    }
}

impl Host for KeyValueCtxView<'_> {
    async fn increment(&mut self, bucket: Resource<Store>, key: String, delta: i64) -> Fallible<i64> {
        Ok(self
            .store(&bucket)?
            .increment(key, delta)
            .await
            .map_err(WasiError::from))
    }

    /// One that fails gives a handle that has seen the value of now.
    async fn swap(&mut self, cas: Resource<Cas>, value: Vec<u8>) -> wasmtime::Result<Result<(), CasError>> {
        let cas = self.forget_cas(cas)?;
        let failed = |error: WasiError| Ok(Err(CasError::StoreError(error)));
        match cas.swap(value).await {
            Ok(true) => Ok(Ok(())),
            Ok(false) => match cas.again().await {
                Ok(fresh) => match self.keep_cas(fresh)? {
                    Ok(fresh) => Ok(Err(CasError::CasFailed(fresh))),
                    Err(error) => failed(error),
                },
                Err(error) => failed(error.into()),
            },
            Err(error) => failed(error.into()),
        }
    }
}
