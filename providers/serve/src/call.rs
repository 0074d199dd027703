//! One call: an instance of the component, its time limits, and a body tied to the sandbox's life.

use crate::admission::Leave;
use crate::body::{Outcome, SandboxBody, TaskGuard};
use crate::exchange::Exchange;
use crate::meter::{Exhausted, metered};
use crate::observe::Observed;
use crate::sandbox::CallScope;
use crate::service::Service;
use crate::{CallError, Failure};
use http::{Request, Response};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use wasmtime_wasi_http::WasiBody;

/// Runs `service` on `request`. Dropping the future, or the body it gives, ends the sandbox at once.
pub(crate) async fn call(
    service: Arc<Service>,
    scope: CallScope,
    leave: Leave,
    request: Request<WasiBody>,
    observed: Observed,
) -> Result<Response<WasiBody>, Failure> {
    let ends = Instant::now() + Duration::from_millis(service.limits.request_ms_max);
    let (response_tx, response_rx) = oneshot::channel();
    let (outcome_tx, outcome_rx) = oneshot::channel();
    let (over_tx, over_rx) = oneshot::channel();
    let exchange = Exchange {
        response: response_tx,
        body_over: service.reuses.then_some(over_rx),
    };
    let task = TaskGuard::new(tokio::spawn({
        let service = Arc::clone(&service);
        async move {
            let outcome = run(&service, scope, request, exchange).await;
            // The sandbox is gone by now, or waits where it is counted apart.
            drop(leave);
            observed.finish(&outcome);
            // Nobody listens once the client has gone.
            let _ = outcome_tx.send(outcome.map_err(Failure::report));
        }
    }));
    match response_rx.await {
        Ok(response) => Ok(response.map(|body| {
            let outcome = Outcome::new(task, outcome_rx, over_tx);
            SandboxBody::new(body, &service, outcome, ends).boxed_unsync()
        })),
        Err(_no_response) => Err(early_end(&service, outcome_rx).await),
    }
}

/// Why a sandbox ended before it answered.
async fn early_end(service: &Service, outcome: oneshot::Receiver<Result<(), Failure>>) -> Failure {
    let why = match outcome.await {
        Ok(Err(failure)) => return failure,
        Ok(Ok(())) => wasmtime::format_err!("the handler ended without a response"),
        Err(_task_gone) => wasmtime::format_err!("the task of the sandbox ended"),
    };
    Failure::report(service.failed(why))
}

async fn run(
    service: &Service,
    scope: CallScope,
    request: Request<WasiBody>,
    exchange: Exchange,
) -> Result<(), CallError> {
    let whole = async {
        let mut instance = Box::pin(service.instance(scope)).await?;
        let rests = instance.answer(request, exchange).await?;
        wasmtime::error::Ok((instance, rests))
    };
    // Boxed: each wrapper of a future that is moved keeps a second place for it, and all of them wait with the guest.
    let (instance, rests) = bounded(service, Box::pin(whole)).await?;
    // One that failed, or ran out of time, has been dropped.
    if rests {
        service.idle.keep(instance);
    }
    Ok(())
}

/// Drives what a sandbox does within the component's bounds of time.
pub(crate) async fn bounded<T>(
    service: &Service,
    whole: impl Future<Output = wasmtime::Result<T>>,
) -> Result<T, CallError> {
    let wall = Duration::from_millis(service.limits.request_ms_max);
    let computing = Duration::from_millis(service.limits.cpu_ms_max);
    match tokio::time::timeout(wall, metered(whole, computing)).await {
        Ok(Ok(Ok(done))) => Ok(done),
        Ok(Ok(Err(error))) => Err(service.failed(error)),
        Ok(Err(Exhausted)) => Err(service.computed_too_long()),
        Err(_elapsed) => Err(service.timed_out()),
    }
}
