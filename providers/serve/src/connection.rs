//! One connection of a client: its bounds, and what answers on it.

use crate::App;
use crate::listen::respond;
use crate::stall::{Pace, Paced};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// Headers of one request, and what waits to be written. Longer ones are refused with 431.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// A client takes this much of an answer that waits for it, or is cut.
const PACE: Pace = Pace {
    bytes_min: 8 * 1024,
    window: Duration::from_secs(20),
};

/// Drives one connection. It may be idle, or take its time to send headers, for so long.
pub(crate) fn drive(
    stream: TcpStream,
    client: SocketAddr,
    app: &Arc<App>,
    idle_max: Duration,
) -> impl GracefulConnection<Error = hyper::Error> + use<> {
    // Tokens are small and urgent: without this each waits up to 40 ms for the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%client, %error, "cannot set TCP_NODELAY");
    }
    let app = Arc::clone(app);
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_max)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(
            TokioIo::new(Paced::new(stream, PACE)),
            service_fn(move |request| respond(Arc::clone(&app), client, request)),
        )
}
