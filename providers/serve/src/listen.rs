//! The public socket: accepts connections, bounds how many there are, drains.

use crate::{App, ListenError, connection};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

const CONNECTIONS_MAX: u32 = 1_024;
/// Requests under way at shutdown have this long to finish.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long nothing is accepted after the system has refused to.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound socket.
pub struct Server {
    listener: TcpListener,
    app: Arc<App>,
    address: SocketAddr,
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
    app.listens_on(address);
    Ok(Server {
        listener,
        app,
        address,
    })
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown`, then lets requests under way finish. Returns whether all did.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> bool {
        let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX as usize));
        let (stop, stopping) = watch::channel(false);
        let accept = async {
            loop {
                // The semaphore lives as long as this loop and is never closed.
                let Ok(permit) = Arc::clone(&connections).acquire_owned().await else {
                    return;
                };
                match self.listener.accept().await {
                    Ok((stream, client)) => {
                        let served =
                            connection::serve(stream, client, Arc::clone(&self.app), stopping.clone());
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
        let all_ended = connections.acquire_many(CONNECTIONS_MAX);
        tokio::time::timeout(DRAIN_TIMEOUT, all_ended).await.is_ok()
    }
}
