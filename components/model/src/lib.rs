//! `model`: the shell that serves a model over HTTP. Whichever leaf exports `gyre:inference` does the work;
//! `gyre-chat-wire` writes the JSON; `translate` stands between the two; `body` paces a stream.

mod bindings;
mod body;
mod caller;
mod handler;
mod intake;
mod translate;

use spin_sdk::http::{IntoResponse, Request};

/// Entry point of `wasi:http/handler`. A native linker refuses the name it is exported by, so tests do without.
#[cfg_attr(target_family = "wasm", spin_sdk::http_service)]
pub async fn handle(request: Request) -> impl IntoResponse {
    handler::handle(request).await
}
