//! A guest in its store, and the only place that knows how one is called.

use crate::sandbox::Sandbox;
use futures::future::BoxFuture;
use gyre_capability_http::Chain;
use http::{Request, Response};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime::component::Accessor;
use wasmtime_wasi_http::p3;
use wasmtime_wasi_http::p3::bindings::Service as Guest;
use wasmtime_wasi_http::{Error, WasiBody};

/// A body that a slow reader has not taken by then costs the next request a fresh instance, and this one nothing.
const BODY_WAIT: Duration = Duration::from_millis(100);

/// The other ends of one call.
pub(crate) struct Exchange {
    /// Takes the answer as soon as it has a head.
    pub(crate) response: oneshot::Sender<Response<WasiBody>>,
    /// Says that the body of the answer is over; only where the instance may be used again.
    pub(crate) body_over: Option<oneshot::Receiver<()>>,
}

pub(crate) struct Instance {
    store: Store<Sandbox>,
    guest: Guest,
    uses: u32,
}

impl Instance {
    pub(crate) fn new(store: Store<Sandbox>, guest: Guest) -> Self {
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

    /// Makes it ready for one more request: what counts per request begins again.
    pub(crate) fn renew(&mut self, chain: Arc<dyn Chain>) {
        let egress = &mut self.store.data_mut().egress;
        egress.chain = chain;
        egress.budget.renew();
    }

    /// Answers one request and runs on until the guest has ended all it began. Says whether the instance is at rest:
    /// its answer has left it too, so that it may be used again.
    pub(crate) async fn answer(
        &mut self,
        request: Request<WasiBody>,
        exchange: Exchange,
    ) -> wasmtime::Result<bool> {
        self.uses += 1;
        let guest = &self.guest;
        self.store
            .run_concurrent(async |accessor| {
                let response = handle(guest, accessor, request).await?;
                // A client that hung up has aborted this task already, or is about to.
                let _ = exchange.response.send(response);
                poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
                let Some(body_over) = exchange.body_over else {
                    return wasmtime::error::Ok(false);
                };
                let waited = tokio::time::timeout(BODY_WAIT, body_over).await;
                Ok(matches!(waited, Ok(Ok(()))))
            })
            .await?
    }
}

async fn handle(
    guest: &Guest,
    accessor: &Accessor<Sandbox>,
    request: Request<WasiBody>,
) -> wasmtime::Result<Response<WasiBody>> {
    let (request, request_io) = accessor.with(|mut store| {
        let (request, io) = p3::Request::from_http(&mut store.get().egress, request);
        // Boxed: its opaque type would keep the store borrowed.
        (request, Box::pin(io) as BoxFuture<'static, Result<(), Error>>)
    });
    let response = guest.handle(accessor, request).await??;
    accessor.with(|mut store| response.into_http(&mut store, request_io))
}
