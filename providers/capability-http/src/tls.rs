//! Whom an outgoing HTTPS connection trusts.

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use wasmtime_wasi_http::Error;

use crate::host_name::HostName;

/// Makes TLS connections; cheap to clone.
#[derive(Clone)]
pub(crate) struct Tls(TlsConnector);

impl Tls {
    /// Trusts the certificates of this machine, and where it has none, as in a bare container, the ones that
    /// browsers trust, as they were when this program was built.
    pub(crate) fn new() -> Self {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (added, unusable) = roots.add_parsable_certificates(found.certs);
        tracing::debug!(
            added,
            unusable,
            problems = found.errors.len(),
            "certificates of this machine"
        );
        if roots.is_empty() {
            tracing::info!("this machine has no certificates: HTTPS trusts the built-in ones");
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        // The provider is the library's own, so it has a version in common with itself.
        let config = builder
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_root_certificates(roots).with_no_client_auth())
            .unwrap_or_else(|error| unreachable!("ring speaks TLS 1.2 and 1.3: {error}"));
        Self(TlsConnector::from(Arc::new(config)))
    }

    pub(crate) async fn connect(
        &self,
        host: &HostName,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Error> {
        let name = match host {
            HostName::Domain(name) => ServerName::try_from(name.clone())?,
            HostName::Ip(address) => ServerName::from(*address),
        };
        self.0.connect(name, stream).await.map_err(|error| {
            tracing::debug!(%host, %error, "no TLS connection");
            Error::Tls(error)
        })
    }
}
