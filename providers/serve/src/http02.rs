//! A guest of WASI 0.2: `wasi:http/incoming-handler`.

use crate::sandbox::Sandbox;
use http::{Request, Response};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime_wasi_http::p2::bindings::Proxy;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

/// Calls the guest. It has ended when this has: what it says after its answer has begun is in the answer's body.
pub(crate) async fn run(
    proxy: &Proxy,
    store: &mut Store<Sandbox>,
    request: Request<WasiBody>,
    response_tx: oneshot::Sender<Response<WasiBody>>,
) -> wasmtime::Result<()> {
    let refusal = Arc::new(Mutex::new(None));
    let told = Arc::clone(&refusal);
    let mut view = store.data_mut().http();
    let request = view.new_incoming_request(Scheme::Http, request)?;
    let response = view.new_response_outparam_from_callback(move |response| match response {
        Ok(response) => {
            // A client that hung up has aborted this task already, or is about to.
            let _ = response_tx.send(response);
        }
        Err(code) => *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(code),
    })?;
    proxy
        .wasi_http_incoming_handler()
        .call_handle(&mut *store, request, response)
        .await?;
    match refusal.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(code) => Err(wasmtime::format_err!(
            "the guest answered with an error: {code:?}"
        )),
        None => Ok(()),
    }
}
