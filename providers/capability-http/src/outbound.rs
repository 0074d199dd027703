//! The way out of the host: resolves a name once, checks the addresses, connects to one of those that were checked.

use crate::allowed::AllowedHosts;
use crate::blocked::BlockedNetworks;
use crate::host_name::HostName;
use crate::network::is_guarded;
use crate::tls::Tls;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi_http::Error;

/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 16;

/// What the operator says about outgoing connections, for the whole application.
#[derive(Debug, Clone)]
pub struct Networking {
    /// Networks that nobody may reach.
    pub blocked: BlockedNetworks,
    /// Outgoing HTTP connections at once.
    pub connections_max: u32,
}

/// Makes outgoing HTTP connections, for all sandboxes.
pub struct Outbound {
    pub(crate) blocked: BlockedNetworks,
    pub(crate) tls: Tls,
    connections: Arc<Semaphore>,
}

/// Where a request goes.
#[derive(Debug)]
pub(crate) struct Destination {
    pub(crate) host: HostName,
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

impl Outbound {
    /// Reads the certificates of this machine.
    #[must_use]
    pub fn new(networking: &Networking) -> Self {
        Self {
            blocked: networking.blocked.clone(),
            tls: Tls::new(),
            connections: Arc::new(Semaphore::new(networking.connections_max as usize)),
        }
    }

    /// Whether a socket of a sandbox may reach this address, by its grants and by what is blocked.
    #[must_use]
    pub fn allows_address(&self, allowed: &AllowedHosts, scheme: &str, address: SocketAddr) -> bool {
        allowed.allows_address(scheme, address) && !self.blocked.contains(address.ip())
    }

    /// A connection to an address of `destination` that may be reached. Waits for its turn, `wait` in all.
    pub(crate) async fn connect(
        &self,
        allowed: &AllowedHosts,
        destination: &Destination,
        wait: Duration,
    ) -> Result<(TcpStream, OwnedSemaphorePermit), Error> {
        let connected = async {
            let permit = Arc::clone(&self.connections).acquire_owned().await;
            // Never closed; were it, nothing could be reached.
            let permit = permit.map_err(|_closed| Error::ConnectionLimitReached)?;
            let addresses = self.addresses(allowed, destination).await?;
            let stream = TcpStream::connect(&*addresses).await.map_err(Error::Connect)?;
            stream.set_nodelay(true).map_err(Error::Connect)?;
            Ok((stream, permit))
        };
        let connected = tokio::time::timeout(wait, connected).await;
        connected.unwrap_or(Err(Error::ConnectionTimeout))
    }

    /// The addresses of a host that may be reached; what is connected is one of these, and no later answer of a
    /// name server.
    async fn addresses(
        &self,
        allowed: &AllowedHosts,
        destination: &Destination,
    ) -> Result<Vec<SocketAddr>, Error> {
        let found: Vec<SocketAddr> = match &destination.host {
            HostName::Ip(address) => vec![SocketAddr::new(*address, destination.port)],
            HostName::Domain(name) => tokio::net::lookup_host((name.as_str(), destination.port))
                .await
                .map_err(|error| {
                    tracing::debug!(host = %name, %error, "cannot resolve");
                    Error::DnsError {
                        rcode: Some("address not available".to_owned()),
                        info_code: Some(0),
                    }
                })?
                .take(ADDRESSES_MAX)
                .collect(),
        };
        let may = |address: &SocketAddr| self.may_connect(allowed, *address);
        let (reachable, refused): (Vec<_>, Vec<_>) = found.into_iter().partition(may);
        if reachable.is_empty() && !refused.is_empty() {
            tracing::warn!(
                host = %destination.host, addresses = ?refused,
                "outbound connection denied: the address is blocked, or is one of a metadata service and not granted as an address"
            );
            return Err(Error::DestinationIpProhibited);
        }
        Ok(reachable)
    }

    fn may_connect(&self, allowed: &AllowedHosts, address: SocketAddr) -> bool {
        let granted = !is_guarded(address.ip()) || allowed.names_address(address.ip());
        granted && !self.blocked.contains(address.ip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_addresses_that_may_be_reached_are_connected() {
        let open = BlockedNetworks::none();
        let private = BlockedNetworks::parse(&["private"]).expect("a word");
        for (blocked, grant, host, expected) in [
            (&open, "http://localhost", "localhost", true),
            (&open, "http://*", "127.0.0.1", true),
            (&private, "http://localhost", "localhost", false),
            (&private, "http://127.0.0.1", "127.0.0.1", false),
            (&private, "http://1.1.1.1", "1.1.1.1", true),
            (&open, "http://*", "169.254.169.254", false),
            (&open, "http://169.254.169.254", "169.254.169.254", true),
            (&open, "http://*", "[::ffff:169.254.169.254]", false),
        ] {
            let networking = Networking {
                blocked: blocked.clone(),
                connections_max: 1,
            };
            let allowed = AllowedHosts::parse(&[grant]).expect("a grant");
            let destination = Destination {
                host: HostName::parse(host).expect("a host"),
                port: 80,
                tls: false,
            };
            let found = Outbound::new(&networking).addresses(&allowed, &destination).await;
            assert_eq!(found.is_ok(), expected, "{grant} {host}: {found:?}");
        }
    }

    #[tokio::test]
    async fn waiting_for_a_connection_ends_in_time() {
        let networking = Networking {
            blocked: BlockedNetworks::none(),
            connections_max: 0,
        };
        let destination = Destination {
            host: HostName::parse("127.0.0.1").expect("a host"),
            port: 80,
            tls: false,
        };
        let wait = Duration::from_millis(20);
        let allowed = AllowedHosts::default();
        let error = Outbound::new(&networking)
            .connect(&allowed, &destination, wait)
            .await;
        assert!(matches!(error, Err(Error::ConnectionTimeout)), "{error:?}");
    }
}
