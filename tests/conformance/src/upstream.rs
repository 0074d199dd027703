//! A server for applications to call: it echoes what it was asked.

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::convert::Infallible;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// It lives as long as this.
pub(crate) struct Upstream {
    pub(crate) origin: String,
    task: JoinHandle<()>,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) async fn start() -> Result<Upstream> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
    let origin = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(echo));
            tokio::spawn(async move {
                // A client may hang up at any time.
                let _ = connection.await;
            });
        }
    });
    Ok(Upstream { origin, task })
}

async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let seen = json!({
        "upstream": "echo",
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "body": String::from_utf8_lossy(&body),
    });
    Ok(Response::new(Full::new(Bytes::from(seen.to_string()))))
}
