//! A service: says hello, and to which path.

use bytes::Bytes;
use http_body_util::Full;
use spin_sdk::http::{IntoResponse, Request, Response};

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let greeting = format!("Hello from {} at {}\n", env!("CARGO_PKG_NAME"), request.uri().path());
    Response::new(Full::new(Bytes::from(greeting)))
}
