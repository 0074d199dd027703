//! The public socket: accepts connections, routes requests, renders what cannot be served, drains.

use crate::{App, CallError, ListenError};
use bytes::Bytes;
use gyre_manifest::{Handler, StaticResponse};
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, WasiBody};

const CONNECTIONS_MAX: usize = 1_024;
/// A client has this long to send its headers.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests under way at shutdown have this long to finish.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// A bound socket.
pub struct Server {
    listener: TcpListener,
    app: Arc<App>,
    address: SocketAddr,
}

/// Binds `address`. Port 0 takes a free one.
pub async fn listen(address: SocketAddr, app: Arc<App>) -> Result<Server, ListenError> {
    let (listener, address) = bind(address).await?;
    Ok(Server {
        listener,
        app,
        address,
    })
}

/// A socket, and where it listens.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let other = |source| ListenError::Other { address, source };
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            std::io::ErrorKind::AddrInUse => ListenError::InUse(address),
            _ => other(source),
        })?;
    let address = listener.local_addr().map_err(other)?;
    Ok((listener, address))
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown`, then lets requests under way finish. Returns whether all did.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> bool {
        let graceful = GracefulShutdown::new();
        let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let accept = async {
            loop {
                // The semaphore lives as long as this loop and is never closed.
                let Ok(permit) = Arc::clone(&connections).acquire_owned().await else {
                    return;
                };
                match self.listener.accept().await {
                    Ok((stream, client)) => {
                        let connection = graceful.watch(connection(stream, client, &self.app));
                        tokio::spawn(async move {
                            if let Err(error) = connection.await {
                                tracing::debug!(%client, %error, "connection ended early");
                            }
                            drop(permit);
                        });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        };
        tokio::select! {
            () = accept => {}
            () = shutdown => {}
        }
        drop(self.listener);
        tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown())
            .await
            .is_ok()
    }
}

/// Drives one connection.
fn connection(
    stream: TcpStream,
    client: SocketAddr,
    app: &Arc<App>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + use<> {
    // Tokens are small and urgent: without this each waits up to 40 ms for the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%client, %error, "cannot set TCP_NODELAY");
    }
    let app = Arc::clone(app);
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| respond(Arc::clone(&app), client, request)),
        )
}

async fn respond(
    app: Arc<App>,
    client: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<WasiBody>, Infallible> {
    let component = match app.route(request.uri().path()) {
        Some(Handler::Component(id)) => Some(id),
        Some(Handler::Static(fixed)) => return Ok(fixed_response(&fixed)),
        None => None,
    };
    let Some(component) = component else {
        let detail = "no public route of this application fits the path";
        return Ok(problem(
            StatusCode::NOT_FOUND,
            "not-found",
            "no route",
            detail,
            "see the routes in spin.toml",
        ));
    };
    let request = as_wasi(request, client);
    Ok(match app.serve(&component, request).await {
        Ok(response) => response,
        Err(error) => {
            error.report();
            render(&error)
        }
    })
}

/// Gives the request the shape guests expect: an absolute URI, and the client's address in Spin's header.
fn as_wasi(request: Request<Incoming>, client: SocketAddr) -> Request<WasiBody> {
    let (mut parts, body) = request.into_parts();
    let authority = parts
        .headers
        .remove(http::header::HOST)
        .and_then(|host| host.to_str().ok().map(str::to_owned));
    let mut uri = parts.uri.clone().into_parts();
    if uri.authority.is_none() {
        uri.scheme = Some(http::uri::Scheme::HTTP);
        uri.authority = authority
            .and_then(|host| host.parse().ok())
            .or(Some(http::uri::Authority::from_static("localhost")));
    }
    if let Ok(absolute) = http::Uri::from_parts(uri) {
        parts.uri = absolute;
    }
    if let Ok(value) = HeaderValue::from_str(&client.to_string()) {
        parts.headers.insert("spin-client-addr", value);
    }
    Request::from_parts(parts, body.map_err(Error::from).boxed_unsync())
}

/// An answer that stands in the manifest.
fn fixed_response(fixed: &StaticResponse) -> Response<WasiBody> {
    let body = Full::new(Bytes::from(fixed.body.clone()));
    let mut response = Response::builder().status(fixed.status);
    for (name, value) in &fixed.headers {
        response = response.header(name, value);
    }
    response
        .body(body.map_err(Into::into).boxed_unsync())
        .unwrap_or_else(|_wrong_header| {
            let hint = "mend the headers of static_response in spin.toml";
            problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "no answer",
                "its headers are wrong",
                hint,
            )
        })
}

fn render(error: &CallError) -> Response<WasiBody> {
    let (status, kind, title) = match error {
        CallError::NotFound(_) => (StatusCode::NOT_FOUND, "not-found", "no such component"),
        CallError::TooManyHops(_) => (StatusCode::LOOP_DETECTED, "loop", "too many chained calls"),
        CallError::Overloaded { .. } => (StatusCode::TOO_MANY_REQUESTS, "overloaded", "overloaded"),
        CallError::Timeout { .. } => (StatusCode::GATEWAY_TIMEOUT, "timeout", "time limit reached"),
        CallError::TooLarge { .. } | CallError::Failed { .. } => {
            (StatusCode::INTERNAL_SERVER_ERROR, "internal", "component failed")
        }
    };
    let message = error.to_string();
    let (detail, hint) = message
        .split_once("\nhint: ")
        .unwrap_or((&message, "the log of the host says more"));
    let mut response = problem(status, kind, title, detail, hint);
    if let CallError::Overloaded { retry_after } = error {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
    }
    response
}

/// RFC 9457, with the cure as `hint`.
fn problem(status: StatusCode, kind: &str, title: &str, detail: &str, hint: &str) -> Response<WasiBody> {
    let body = serde_json::json!({
        "type": format!("urn:gyre:error:{kind}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "hint": hint,
    });
    let mut response = Response::new(
        Full::new(Bytes::from(body.to_string()))
            .map_err(Into::into)
            .boxed_unsync(),
    );
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_refusal_names_what_failed_and_the_cure() {
        let overloaded = CallError::Overloaded {
            retry_after: Duration::from_secs(1),
        };
        let timeout = CallError::Timeout {
            component: "api".to_owned(),
            limit_ms: 5,
        };
        let failed = CallError::Failed {
            component: "api".to_owned(),
            source: wasmtime::format_err!("a secret of the guest"),
        };
        for (error, status, retry) in [
            (overloaded, 429, Some("1")),
            (timeout, 504, None),
            (failed, 500, None),
            (CallError::TooManyHops(12), 508, None),
        ] {
            let response = render(&error);
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(
                response
                    .headers()
                    .get(RETRY_AFTER)
                    .and_then(|value| value.to_str().ok()),
                retry
            );
            let body = response.into_body().collect().await.expect("a body").to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(body["status"], status);
            for member in ["type", "title", "detail", "hint"] {
                assert!(
                    body[member].as_str().is_some_and(|text| !text.is_empty()),
                    "{member} of {body}"
                );
            }
            assert!(
                !body.to_string().contains("secret"),
                "the cause is for the log: {body}"
            );
        }
    }
}
