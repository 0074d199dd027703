//! A guest in its store, and what counts per request.

use crate::exchange::Exchange;
use crate::guest::Loaded;
use crate::sandbox::{CallScope, Sandbox};
use crate::{http02, http03};
use http::Request;
use wasmtime::Store;
use wasmtime_wasi_http::WasiBody;

pub(crate) struct Instance {
    store: Store<Sandbox>,
    guest: Loaded,
    uses: u32,
}

impl Instance {
    pub(crate) fn new(store: Store<Sandbox>, guest: Loaded) -> Self {
        Self {
            store,
            guest,
            uses: 0,
        }
    }

    /// Requests it has had.
    pub(crate) fn uses(&self) -> u32 {
        self.uses
    }

    /// Makes it ready for one more request.
    pub(crate) fn renew(&mut self, call: CallScope) {
        self.store.data_mut().renew(call);
    }

    /// Answers one request and runs on until the guest has ended all it began. Says whether the instance is at rest:
    /// its answer has left it too, so that it may be used again.
    pub(crate) async fn answer(
        &mut self,
        request: Request<WasiBody>,
        exchange: Exchange,
    ) -> wasmtime::Result<bool> {
        self.uses += 1;
        match &self.guest {
            Loaded::Http03(guest) => http03::run(guest, &mut self.store, request, exchange).await,
            Loaded::Http02(guest) => {
                http02::run(guest, &mut self.store, request, exchange.response).await?;
                // Nothing says when a guest of WASI 0.2 is at rest.
                Ok(false)
            }
        }
    }
}
