//! One connection: HTTP/1.1 with keep-alive, or HTTP/2 for a client that begins with its preface (h2c), as with Spin.

use crate::App;
use crate::problem::problem;
use crate::request::as_wasi;
use crate::stall::{Pace, Paced};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use wasmtime_wasi_http::WasiBody;

/// Headers of one request, and what waits to be written. Longer ones are refused with 431.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// A client takes this much of an answer that waits for it, or is cut.
const PACE: Pace = Pace {
    bytes_min: 8 * 1024,
    window: Duration::from_secs(20),
};
/// How a client of HTTP/2 that knows its server begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often a preface that has come in part only is looked at again.
const PREFACE_POLL: Duration = Duration::from_millis(5);
const HTTP2_STREAMS_MAX: u32 = 128;
const HTTP2_HEADER_BYTES_MAX: u32 = 64 * 1024;
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(30);
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(20);

/// Drives a connection to its end. It may be idle, or take its time to send headers, for `idle_max`. When `stopping`
/// turns true it takes no more requests, and ends when those under way have.
pub(crate) async fn serve(
    stream: TcpStream,
    client: SocketAddr,
    app: Arc<App>,
    idle_max: Duration,
    mut stopping: watch::Receiver<bool>,
) {
    // Tokens are small and urgent: without this each waits up to 40 ms for the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%client, %error, "cannot set TCP_NODELAY");
    }
    let is_http2 = tokio::select! {
        begun = tokio::time::timeout(idle_max, is_http2(&stream)) => match begun {
            Ok(Ok(is_http2)) => is_http2,
            Ok(Err(_)) | Err(_) => return,
        },
        () = told(&mut stopping) => return,
    };
    let service = service_fn(move |request| respond(Arc::clone(&app), client, request));
    let stream = TokioIo::new(Paced::new(stream, PACE));
    let ended = if is_http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(HTTP2_STREAMS_MAX)
            .max_header_list_size(HTTP2_HEADER_BYTES_MAX)
            .keep_alive_interval(HTTP2_PING_INTERVAL)
            .keep_alive_timeout(HTTP2_PING_TIMEOUT);
        let connection = Box::pin(builder.serve_connection(stream, service));
        to_end(connection, |it| it.graceful_shutdown(), stopping).await
    } else {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(idle_max)
            .max_buf_size(BUFFER_BYTES_MAX);
        let connection = Box::pin(builder.serve_connection(stream, service));
        to_end(connection, |it| it.graceful_shutdown(), stopping).await
    };
    if let Err(error) = ended {
        tracing::debug!(%client, %error, "connection ended early");
    }
}

/// Drives a connection to its end or, when the server stops, to the end of what is under way on it. Boxed by whoever
/// makes it: each future that it was moved through would keep a place for it, and for the other protocol's.
async fn to_end<C: Future<Output = hyper::Result<()>>>(
    mut connection: Pin<Box<C>>,
    shut_down: impl FnOnce(Pin<&mut C>),
    mut stopping: watch::Receiver<bool>,
) -> hyper::Result<()> {
    tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut stopping) => {
            shut_down(connection.as_mut());
            connection.await
        }
    }
}

/// Ends when the server stops.
async fn told(stopping: &mut watch::Receiver<bool>) {
    // A server that is gone has stopped too.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Looks at the first bytes and leaves them where they are.
async fn is_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut seen = [0; PREFACE.len()];
    loop {
        let count = stream.peek(&mut seen).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if seen[..count] != PREFACE[..count] {
            return Ok(false);
        }
        if count == PREFACE.len() {
            return Ok(true);
        }
        tokio::time::sleep(PREFACE_POLL).await;
    }
}

async fn respond(
    app: Arc<App>,
    client: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<WasiBody>, Infallible> {
    Ok(match as_wasi(request) {
        Ok(request) => app.answer(client, request, 0).await,
        Err(detail) => {
            let hint = "send one header `host` with the name and port of this server";
            problem(StatusCode::BAD_REQUEST, "bad-request", "no host", detail, hint)
        }
    })
}
