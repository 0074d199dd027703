//! Asks backends which models they have. One that fails or stalls holds up nobody for long.

use crate::forward;
use crate::route::{self, Report};
use futures::future::{Either, join_all, select};
use futures::stream::{FuturesUnordered, StreamExt};
use gyre_chat_wire::{Endpoint, parse_models};
use gyre_clock::{sleep, within};
use http_body_util::{BodyExt, Limited};
use spin_sdk::http::{EmptyBody, HeaderMap, send};
use std::pin::pin;

/// Bytes that a list of models may take.
const LIST_BYTES_MAX: usize = 1024 * 1024;
/// A backend that takes longer to list its models counts as silent.
const LIST_MS: u64 = 5_000;
/// How long a backend is waited for before the next one is asked too.
const PATIENCE_MS: u64 = 500;

/// Asks all backends at once; the reports are in their order. One that does not answer well has no models.
pub(crate) async fn ask_all(backends: &[String], headers: &HeaderMap) -> Vec<Report> {
    join_all(backends.iter().map(|backend| ask(backend, headers))).await
}

/// The backend that has the model: they are asked in order, and the first that says so is the one. Without one, what
/// they all said, in order.
pub(crate) async fn find(
    model: &str,
    backends: &[String],
    headers: &HeaderMap,
) -> Result<String, Vec<Report>> {
    let mut asked = FuturesUnordered::new();
    let mut reports: Vec<Report> = Vec::new();
    for backend in backends {
        asked.push(ask(backend, headers));
        // Until all that were asked have answered, or the slow ones have had their time alone.
        let mut patience = pin!(sleep(PATIENCE_MS));
        while let Either::Left((Some(report), _)) = select(asked.next(), patience.as_mut()).await {
            if route::serves(&report, model) {
                return Ok(report.backend);
            }
            reports.push(report);
        }
    }
    while let Some(report) = asked.next().await {
        if route::serves(&report, model) {
            return Ok(report.backend);
        }
        reports.push(report);
    }
    Err(route::in_order(reports, backends))
}

/// Asks one backend.
async fn ask(backend: &str, headers: &HeaderMap) -> Report {
    let request = forward::request(backend, Endpoint::Models, headers, EmptyBody::new());
    let models = async {
        let response = send(request.ok()?).await.ok()?;
        let fine = response.status().is_success();
        let body = Limited::new(response.into_body(), LIST_BYTES_MAX)
            .collect()
            .await
            .ok()?
            .to_bytes();
        parse_models(&body).ok().filter(|_| fine)
    };
    Report {
        backend: backend.to_owned(),
        models: within(LIST_MS, models).await.flatten(),
    }
}
