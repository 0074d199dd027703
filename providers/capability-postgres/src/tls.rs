//! TLS to a server: the authorities that browsers trust, and those that the guest names.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("the certificate is not PEM; hint: it begins with -----BEGIN CERTIFICATE-----")]
    NotPem,
    #[error("the certificate cannot be trusted: {0}; hint: give the certificate of an authority")]
    NotTrusted(rustls::Error),
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

/// Trusts the usual authorities, and those in `ca` (PEM).
pub(crate) fn config(ca: Option<&str>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(ca) = ca {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(ca.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_unreadable| TlsError::NotPem)?;
        if certificates.is_empty() {
            return Err(TlsError::NotPem);
        }
        for certificate in certificates {
            roots.add(certificate).map_err(TlsError::NotTrusted)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::config;

    #[test]
    fn what_is_no_certificate_is_refused() {
        assert!(config(None).is_ok());
        for wrong in [
            "",
            "no PEM",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let error = config(Some(wrong)).expect_err(wrong).to_string();
            assert!(error.contains("hint:"), "{error}");
        }
    }
}
