//! `allowed_outbound_hosts`: `scheme://host[:port]`, as stock Spin reads it.

mod pattern;
#[cfg(test)]
mod tests;

use crate::host_name::HostName;
use crate::network::is_guarded;
use http::Uri;
pub(crate) use pattern::OWN_NAMES;
use pattern::{HostPattern, Pattern, default_port};
use std::net::{IpAddr, SocketAddr};
use thiserror::Error;

/// An entry of `allowed_outbound_hosts` that cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("allowed_outbound_hosts: `{entry}`: {problem}\nhint: {hint}")]
pub struct ParseError {
    entry: String,
    problem: &'static str,
    hint: &'static str,
}

/// The hosts a component may reach. Empty allows nothing.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts(Vec<Pattern>);

impl AllowedHosts {
    /// Reads the entries; the first wrong one is the error.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, ParseError> {
        entries
            .iter()
            .map(|entry| Pattern::parse(entry.as_ref()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether a request to `uri` may be sent.
    #[must_use]
    pub fn allows(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return false;
        };
        self.allows_host(scheme, host, uri.port_u16())
    }

    /// Whether `host` may be reached; without a port the one of the scheme is meant.
    #[must_use]
    pub fn allows_host(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        HostName::parse(host).is_some_and(|host| self.allows_name(scheme, &host, port))
    }

    /// Whether a socket may be connected to this address, or a datagram sent to it (`tcp`, `udp`).
    /// A name is granted by a name: what it resolves to is not asked here.
    #[must_use]
    pub fn allows_address(&self, scheme: &str, address: SocketAddr) -> bool {
        let host = HostName::Ip(address.ip().to_canonical());
        self.allows_name(scheme, &host, Some(address.port()))
            && (!is_guarded(address.ip()) || self.names_address(address.ip()))
    }

    /// Whether anything at all is granted for this scheme.
    #[must_use]
    pub fn has_scheme(&self, scheme: &str) -> bool {
        self.0.iter().any(|pattern| pattern.fits_scheme(scheme))
    }

    /// Whether a component may call the public routes of its own application.
    #[must_use]
    pub fn allows_own(&self) -> bool {
        self.0.iter().any(|pattern| {
            matches!(pattern.host, HostPattern::Any | HostPattern::Own)
                && (pattern.fits_scheme("http") || pattern.fits_scheme("https"))
        })
    }

    pub(crate) fn allows_name(&self, scheme: &str, host: &HostName, port: Option<u16>) -> bool {
        let port = port.or_else(|| default_port(scheme));
        self.0.iter().any(|pattern| pattern.matches(scheme, host, port))
    }

    /// Whether an entry speaks of this very address, or of a network of such addresses.
    pub(crate) fn names_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|pattern| match &pattern.host {
            HostPattern::Is(HostName::Ip(granted)) => *granted == address,
            HostPattern::In(network) => network.contains(address) && is_guarded(network.base()),
            _ => false,
        })
    }
}
