//! The socket of whoever operates the host: `/metrics`, `/ready`, `/live` and `/models`, apart from the public one.

mod answer;
mod guard;
mod models;

use crate::{App, ListenError};
use answer::Answer;
use http::header::{ALLOW, HeaderValue};
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

const CONNECTIONS_MAX: usize = 32;
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECTION_TIME_MAX: Duration = Duration::from_secs(60);
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether the host takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not yet: models are being loaded.
    Starting,
    /// It does.
    Ready,
    /// Not any more: requests under way finish.
    Draining,
}

/// A bound socket for operators.
pub struct Admin {
    listener: TcpListener,
    address: SocketAddr,
}

impl Admin {
    /// On a bound socket. Must be called within a Tokio runtime.
    pub fn on(socket: std::net::TcpListener) -> Result<Self, ListenError> {
        let (listener, address) = crate::listen::taken(socket)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is dropped.
    pub async fn run(self, app: Arc<App>, phase: watch::Receiver<Phase>) {
        let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        // The semaphore lives as long as this loop and is never closed.
        while let Ok(permit) = Arc::clone(&connections).acquire_owned().await {
            match self.listener.accept().await {
                Ok((stream, client)) => {
                    let connection = connection(stream, client, Arc::clone(&app), phase.clone());
                    tokio::spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection of an operator");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

async fn connection(stream: TcpStream, client: SocketAddr, app: Arc<App>, phase: watch::Receiver<Phase>) {
    let answer = service_fn(move |request| {
        let (app, phase) = (Arc::clone(&app), *phase.borrow());
        async move { Ok::<_, Infallible>(answer(&app, client, phase, &request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), answer);
    match tokio::time::timeout(CONNECTION_TIME_MAX, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "an operator's connection ended early"),
        // Who scrapes connects again.
        Err(_elapsed) => {}
    }
}

async fn answer(app: &App, client: SocketAddr, phase: Phase, request: &Request<Incoming>) -> Answer {
    let path = request.uri().path();
    if let Some((model, verb)) = models::asked(path) {
        if request.method() != Method::POST {
            return not_allowed("POST");
        }
        return match guard::refusal(client, request.headers()) {
            Some((what, cure)) => answer::problem(StatusCode::FORBIDDEN, "forbidden", what, cure),
            None => models::run(app, model, verb).await,
        };
    }
    if request.method() != Method::GET {
        return not_allowed("GET");
    }
    match path {
        "/live" => answer::text(StatusCode::OK, "live\n".to_owned()),
        "/ready" => ready(phase),
        "/models" => models::list(app).await,
        "/metrics" => match app.metrics_text().await {
            Ok(metrics) => answer::typed(StatusCode::OK, OPENMETRICS, metrics),
            Err(error) => {
                tracing::error!(%error, "the metrics cannot be written");
                answer::text(StatusCode::INTERNAL_SERVER_ERROR, "no metrics\n".to_owned())
            }
        },
        _ => answer::text(
            StatusCode::NOT_FOUND,
            "there are /metrics, /ready, /live and /models\n".to_owned(),
        ),
    }
}

fn not_allowed(method: &'static str) -> Answer {
    let mut refused = answer::text(StatusCode::METHOD_NOT_ALLOWED, format!("use {method}\n"));
    refused
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(method));
    refused
}

fn ready(phase: Phase) -> Answer {
    let (status, said) = match phase {
        Phase::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
        Phase::Ready => (StatusCode::OK, "ready\n"),
        Phase::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
    };
    answer::text(status, said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_that_takes_requests_is_ready() {
        for (phase, status) in [
            (Phase::Starting, 503),
            (Phase::Ready, 200),
            (Phase::Draining, 503),
        ] {
            assert_eq!(ready(phase).status().as_u16(), status, "{phase:?}");
        }
    }
}
