//! `model`: the shell that serves a model over HTTP. Whichever leaf exports `gyre:inference` does the work;
//! `gyre-chat-wire` writes the JSON; `translate` stands between the two; `body` paces a stream.

#[cfg_attr(not(test), expect(unsafe_code, reason = "wit-bindgen's generated calls"))]
mod bindings;
mod body;
mod handler;
mod intake;
mod run_token;
mod translate;

use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    handler::handle(request).await
}
