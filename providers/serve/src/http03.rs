//! A guest of WASI 0.3: `wasi:http/handler`.

use crate::exchange::Exchange;
use crate::sandbox::Sandbox;
use futures::future::BoxFuture;
use http::{Request, Response};
use std::future::poll_fn;
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::Accessor;
use wasmtime_wasi_http::p3;
use wasmtime_wasi_http::p3::bindings::Service as Guest;
use wasmtime_wasi_http::{Error, WasiBody};

/// A body that a slow reader has not taken by then costs the next request a fresh instance, and this one nothing.
const BODY_WAIT: Duration = Duration::from_millis(100);

/// Calls the guest, and runs on until it has ended all it began. Says whether the instance is at rest: its answer has
/// left it too.
pub(crate) async fn run(
    guest: &Guest,
    store: &mut Store<Sandbox>,
    request: Request<WasiBody>,
    exchange: Exchange,
) -> wasmtime::Result<bool> {
    store
        .run_concurrent(async |accessor| {
            // Boxed: what the call needs to begin is given back while its guest waits.
            let response = Box::pin(handle(guest, accessor, request)).await?;
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
