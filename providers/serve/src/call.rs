//! One call: a fresh sandbox, the guest's handler, and a body tied to the sandbox's life.

use crate::CallError;
use crate::admission::Permit;
use crate::body::{Outcome, SandboxBody, TaskGuard};
use crate::observe::Observed;
use crate::sandbox::Sandbox;
use crate::service::Service;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime::component::Accessor;
use wasmtime_wasi_http::p3;
use wasmtime_wasi_http::p3::bindings::Service as Guest;
use wasmtime_wasi_http::{Error, WasiBody};

/// Runs `service` on `request`. Dropping the future, or the body it gives, ends the sandbox at once.
pub(crate) async fn call(
    service: Arc<Service>,
    store: Store<Sandbox>,
    permit: Permit,
    request: Request<WasiBody>,
    observed: Observed,
) -> Result<Response<WasiBody>, CallError> {
    let (response_tx, response_rx) = oneshot::channel();
    let (outcome_tx, outcome_rx) = oneshot::channel();
    let task = TaskGuard(tokio::spawn({
        let service = Arc::clone(&service);
        async move {
            let outcome = run(&service, store, request, response_tx).await;
            drop(permit);
            observed.finish(&outcome);
            // Nobody listens once the client has gone.
            let _ = outcome_tx.send(outcome);
        }
    }));
    match response_rx.await {
        Ok(response) => Ok(response.map(|body| {
            SandboxBody::new(
                body,
                &service,
                Outcome {
                    _task: task,
                    result: outcome_rx,
                },
            )
            .boxed_unsync()
        })),
        Err(_no_response) => Err(early_end(&service, outcome_rx).await),
    }
}

/// Why a sandbox ended before it answered.
async fn early_end(service: &Service, outcome: oneshot::Receiver<Result<(), CallError>>) -> CallError {
    match outcome.await {
        Ok(Err(error)) => error,
        Ok(Ok(())) => service.failed(wasmtime::format_err!("the handler ended without a response")),
        Err(_task_gone) => service.failed(wasmtime::format_err!("the task of the sandbox ended")),
    }
}

async fn run(
    service: &Service,
    mut store: Store<Sandbox>,
    request: Request<WasiBody>,
    response_tx: oneshot::Sender<Response<WasiBody>>,
) -> Result<(), CallError> {
    let whole = async {
        let guest = service.guest.instantiate_async(&mut store).await?;
        store
            .run_concurrent(async |accessor| {
                let response = handle(&guest, accessor, request).await?;
                // A client that hung up has aborted this task already, or is about to.
                let _ = response_tx.send(response);
                poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
                wasmtime::error::Ok(())
            })
            .await?
    };
    match tokio::time::timeout(Duration::from_millis(service.limits.request_ms_max), whole).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(service.failed(error)),
        Err(_elapsed) => Err(service.timed_out()),
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
