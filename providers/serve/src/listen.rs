//! The public socket: accepts connections, bounds how many there are, drains.

use crate::{App, ListenError, connection};
use socket2::SockRef;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1_024;
/// How long nothing is accepted after the system has refused to.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a server takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Connections at once. More wait in the system's queue until one ends.
    pub connections_max: u32,
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

/// Binds `address`. Port 0 takes a free one. Needs no runtime, so that it can be done before any thread is started.
pub fn bind(address: SocketAddr) -> Result<std::net::TcpListener, ListenError> {
    let other = |source| ListenError::Other { address, source };
    let listener = std::net::TcpListener::bind(address).map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => ListenError::InUse(address),
        _ => other(source),
    })?;
    // The standard library lets 128 wait, which is few for a server.
    SockRef::from(&listener).listen(BACKLOG).map_err(other)?;
    listener.set_nonblocking(true).map_err(other)?;
    Ok(listener)
}

/// Puts an application on a socket. Must be called within a Tokio runtime.
pub fn listen(socket: std::net::TcpListener, app: Arc<App>) -> Result<Server, ListenError> {
    let (listener, address) = taken(socket)?;
    app.listens_on(address);
    Ok(Server {
        listener,
        app,
        address,
        bounds: Bounds::DEFAULT,
    })
}

/// A bound socket, and where it listens.
pub(crate) fn taken(socket: std::net::TcpListener) -> Result<(TcpListener, SocketAddr), ListenError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    let address = socket.local_addr().unwrap_or(unknown);
    let listener = TcpListener::from_std(socket).map_err(|source| ListenError::Other { address, source })?;
    Ok((listener, address))
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
        let bounds = self.bounds;
        let connections = Arc::new(Semaphore::new(bounds.connections_max as usize));
        let (stop, stopping) = watch::channel(false);
        let accept = async {
            loop {
                // The semaphore lives as long as this loop and is never closed.
                let Ok(permit) = Arc::clone(&connections).acquire_owned().await else {
                    return;
                };
                match self.listener.accept().await {
                    Ok((stream, client)) => {
                        let app = Arc::clone(&self.app);
                        let served =
                            connection::serve(stream, client, app, bounds.idle_max, stopping.clone());
                        tokio::spawn(async move {
                            served.await;
                            drop(permit);
                        });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        tokio::select! {
            () = accept => {}
            () = shutdown => {}
        }
        drop(self.listener);
        // Whoever still has a connection hears it.
        let _ = stop.send(true);
        let all_ended = connections.acquire_many(bounds.connections_max);
        tokio::time::timeout(bounds.drain_max, all_ended).await.is_ok()
    }
}
