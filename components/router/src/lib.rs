//! `router`: which backend answers a request of the model API, and nothing else.
//!
//! `route` decides and is pure; `backends` asks; `forward` passes bytes through; `handler` is the story.

mod backends;
mod forward;
mod handler;
mod intake;
mod route;

use spin_sdk::http::{IntoResponse, Request};

/// Entry point of `wasi:http/handler`. A native linker refuses the name it is exported by, so tests do without.
#[cfg_attr(target_family = "wasm", spin_sdk::http_service)]
pub async fn handle(request: Request) -> impl IntoResponse {
    handler::handle(request).await
}
