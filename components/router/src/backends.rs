//! Asks backends which models they have.

use crate::forward;
use crate::route::Report;
use futures::future::join_all;
use gyre_chat_wire::{Endpoint, parse_models};
use http_body_util::{BodyExt, Limited};
use spin_sdk::http::{EmptyBody, HeaderMap, send};

/// Bytes that a list of models may take.
const LIST_BYTES_MAX: usize = 1024 * 1024;

/// Asks all backends at once; the reports are in their order. One that does not answer well has no models.
pub(crate) async fn ask_all(backends: &[String], headers: &HeaderMap) -> Vec<Report> {
    join_all(backends.iter().map(|backend| ask(backend, headers))).await
}

/// Asks one backend.
pub(crate) async fn ask(backend: &str, headers: &HeaderMap) -> Report {
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
        models: models.await,
    }
}
