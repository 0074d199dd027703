//! The public socket: accepts connections, routes requests, renders what cannot be served, drains.

use crate::problem::{self, problem};
use crate::{App, ListenError, connection};
use bytes::Bytes;
use gyre_manifest::{Handler, StaticResponse};
use http::header::HeaderValue;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, WasiBody};

/// What a server takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Connections at once. More wait in the system's queue until one ends.
    pub connections_max: usize,
    /// A client has this long to send the headers of a request; a connection may be idle for as long.
    pub idle_max: Duration,
    /// Requests under way when it is told to stop have this long to finish.
    pub drain_max: Duration,
}

impl Bounds {
    /// What applies where nobody says otherwise.
    pub const DEFAULT: Self = Self {
        connections_max: 1_024,
        idle_max: Duration::from_secs(10),
        drain_max: Duration::from_secs(10),
    };
}

/// A bound socket.
pub struct Server {
    listener: TcpListener,
    app: Arc<App>,
    address: SocketAddr,
    bounds: Bounds,
}

/// Binds `address`. Port 0 takes a free one.
pub async fn listen(address: SocketAddr, app: Arc<App>) -> Result<Server, ListenError> {
    let other = |source| ListenError::Other { address, source };
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| match source.kind() {
            std::io::ErrorKind::AddrInUse => ListenError::InUse(address),
            _ => other(source),
        })?;
    let address = listener.local_addr().map_err(other)?;
    Ok(Server {
        listener,
        app,
        address,
        bounds: Bounds::DEFAULT,
    })
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same server with bounds of its own.
    #[must_use]
    pub fn bounded(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// Serves until `shutdown`, then lets requests under way finish. Returns whether all did.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> bool {
        let graceful = GracefulShutdown::new();
        let connections = Arc::new(Semaphore::new(self.bounds.connections_max));
        let accept = async {
            loop {
                // The semaphore lives as long as this loop and is never closed.
                let Ok(permit) = Arc::clone(&connections).acquire_owned().await else {
                    return;
                };
                match self.listener.accept().await {
                    Ok((stream, client)) => {
                        let connection = graceful.watch(connection::drive(
                            stream,
                            client,
                            &self.app,
                            self.bounds.idle_max,
                        ));
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
        tokio::time::timeout(self.bounds.drain_max, graceful.shutdown())
            .await
            .is_ok()
    }
}

pub(crate) async fn respond(
    app: Arc<App>,
    client: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<WasiBody>, Infallible> {
    let component = match app.route(request.uri().path()) {
        Some(Handler::Component(id)) => Some(id.clone()),
        Some(Handler::Static(fixed)) => return Ok(fixed_response(fixed)),
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
        Err(failure) => problem::render(&failure),
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
