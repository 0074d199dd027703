//! Which way a request takes: to the application's own routes, to a neighbour, or out.

use crate::allowed::{AllowedHosts, OWN_NAMES};
use crate::host_name::HostName;
use crate::outbound::Destination;
use crate::{Decision, INTERNAL_SUFFIX};
use http::Uri;
use wasmtime_wasi_http::Error;

#[derive(Debug)]
pub(crate) enum Way {
    Own,
    Neighbour { grant: Grant, id: String },
    Out { grant: Grant, destination: Destination },
}

/// What must be granted.
#[derive(Debug)]
pub(crate) struct Grant {
    scheme: String,
    host: HostName,
    port: Option<u16>,
}

impl Way {
    /// What becomes of a request that goes this way.
    pub(crate) fn decision(&self) -> Decision {
        match self {
            Self::Own | Self::Neighbour { .. } => Decision::Neighbour,
            Self::Out { .. } => Decision::Sent,
        }
    }

    /// Reads the address of a request. User and password in it are refused: they would hide the host from a reader.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Error> {
        let (host, authority) = match (uri.host(), uri.authority()) {
            (None | Some(""), _) => return Ok(Self::Own),
            // Some libraries want a host with a dot.
            (Some(host), _) if host == OWN_NAMES[1] => return Ok(Self::Own),
            (Some(host), Some(authority)) => (host, authority),
            (Some(_), None) => return Err(Error::HttpRequestUriInvalid),
        };
        if authority.as_str().contains('@') {
            return Err(Error::HttpRequestUriInvalid);
        }
        let scheme = uri.scheme_str().ok_or(Error::HttpRequestUriInvalid)?.to_owned();
        let host = HostName::parse(host).ok_or(Error::HttpRequestUriInvalid)?;
        let neighbour = match &host {
            HostName::Domain(name) => name.strip_suffix(INTERNAL_SUFFIX).map(str::to_owned),
            HostName::Ip(_) => None,
        };
        let grant = Grant {
            port: uri.port_u16(),
            scheme,
            host,
        };
        if let Some(id) = neighbour {
            return Ok(Self::Neighbour { grant, id });
        }
        let tls = grant.scheme == "https";
        let destination = Destination {
            host: grant.host.clone(),
            port: grant.port.unwrap_or(if tls { 443 } else { 80 }),
            tls,
        };
        Ok(Self::Out { grant, destination })
    }

    pub(crate) fn is_granted(&self, allowed: &AllowedHosts) -> bool {
        match self {
            Self::Own => allowed.allows_own(),
            Self::Neighbour { grant, .. } | Self::Out { grant, .. } => {
                allowed.allows_name(&grant.scheme, &grant.host, grant.port)
            }
        }
    }
}

/// As an entry of `allowed_outbound_hosts` that would grant it.
impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own => f.write_str("http://self"),
            Self::Neighbour { grant, .. } | Self::Out { grant, .. } => {
                write!(f, "{}://{}", grant.scheme, grant.host)?;
                grant.port.map_or(Ok(()), |port| write!(f, ":{port}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_takes_the_same_way() {
        for (uri, expected) in [
            ("/own", "own http://self"),
            ("http://self.alt/own", "own http://self"),
            ("http://api.spin.internal/x", "api http://api.spin.internal"),
            ("http://API.Spin.Internal/x", "api http://api.spin.internal"),
            ("http://api.spin.internal./x", "api http://api.spin.internal"),
            ("http://a.b.spin.internal/", "a.b http://a.b.spin.internal"),
            ("https://a.example/", "a.example:443 https://a.example"),
            ("http://A.example:81/", "a.example:81 http://a.example:81"),
            ("http://[::ffff:127.0.0.1]:9/", "127.0.0.1:9 http://127.0.0.1:9"),
            ("http://0x7f000001/", "127.0.0.1:80 http://127.0.0.1"),
            ("http://user@a.example/", "refused"),
            ("http://a.example@b.example/", "refused"),
        ] {
            let way = Way::of(&uri.parse().expect("a URI"));
            let found = match &way {
                Ok(way @ Way::Own) => format!("own {way}"),
                Ok(way @ Way::Neighbour { id, .. }) => format!("{id} {way}"),
                Ok(way @ Way::Out { destination, .. }) => {
                    format!("{}:{} {way}", destination.host, destination.port)
                }
                Err(_) => "refused".to_owned(),
            };
            assert_eq!(found, expected, "{uri}");
        }
    }
}
