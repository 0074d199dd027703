//! One entry of `allowed_outbound_hosts`.

use super::ParseError;
use crate::host_name::HostName;
use crate::network::Network;

const FORM: &str = "write it as `https://host:port`, with `*` for any scheme, host or port";
const ALLOW_ALL: &str = "insecure:allow-all";
/// What a component calls the application it is part of.
pub(crate) const OWN_NAMES: [&str; 2] = ["self", "self.alt"];

/// A problem of a part, and the cure.
type Problem = (&'static str, &'static str);

#[derive(Debug, Clone)]
pub(super) struct Pattern {
    scheme: Scheme,
    pub(super) host: HostPattern,
    port: Port,
}

#[derive(Debug, Clone, PartialEq)]
enum Scheme {
    Any,
    Is(String),
}

#[derive(Debug, Clone)]
pub(super) enum HostPattern {
    Any,
    Is(HostName),
    /// `*.example.com`: any name with more labels, never the bare name. Kept with its leading dot.
    Under(String),
    In(Network),
    Own,
}

#[derive(Debug, Clone)]
enum Port {
    Any,
    Is(u16),
    /// `8000..9000`, end not included.
    Range(u16, u16),
}

impl Pattern {
    pub(super) fn parse(entry: &str) -> Result<Self, ParseError> {
        Self::read(entry.trim()).map_err(|(problem, hint)| ParseError {
            entry: entry.to_owned(),
            problem,
            hint,
        })
    }

    fn read(entry: &str) -> Result<Self, Problem> {
        if entry == ALLOW_ALL {
            return Err((
                "is no longer a grant in Spin's manifest version 2",
                "`*://*:*` means everything; name the hosts instead",
            ));
        }
        let (scheme, rest) = entry.split_once("://").ok_or(("has no scheme", FORM))?;
        let scheme = Scheme::parse(scheme)?;
        // A network of IPv6 has colons of its own: what is a host as a whole has no port.
        let (host, port) = match (HostPattern::parse(rest), rest.rsplit_once(':')) {
            (Ok(host), _) => (host, ""),
            (Err(_), Some((host, port))) => {
                (HostPattern::parse(host)?, port.strip_suffix('/').unwrap_or(port))
            }
            (Err(problem), None) => return Err(problem),
        };
        let port = Port::parse(port, &scheme)?;
        Ok(Self { scheme, host, port })
    }

    pub(super) fn fits_scheme(&self, scheme: &str) -> bool {
        match &self.scheme {
            Scheme::Any => true,
            Scheme::Is(name) => name.eq_ignore_ascii_case(scheme),
        }
    }

    pub(super) fn matches(&self, scheme: &str, host: &HostName, port: Option<u16>) -> bool {
        let port_fits = match (&self.port, port) {
            (Port::Any, _) => true,
            (Port::Is(wanted), Some(port)) => *wanted == port,
            (Port::Range(from, to), Some(port)) => (*from..*to).contains(&port),
            (_, None) => false,
        };
        self.fits_scheme(scheme) && self.host.matches(host) && port_fits
    }
}

impl Scheme {
    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "" => Err(("has an empty scheme", FORM)),
            "*" => Ok(Self::Any),
            list if list.starts_with('{') => Err(("has a list of schemes", "write an entry for each scheme")),
            name if name.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                Ok(Self::Is(name.to_ascii_lowercase()))
            }
            _ => Err(("has a scheme that is not of letters only", FORM)),
        }
    }
}

impl HostPattern {
    fn parse(text: &str) -> Result<Self, Problem> {
        const NO_HOST: Problem = ("has no host that could be one", FORM);
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Any);
        }
        if OWN_NAMES.contains(&text) {
            return Ok(Self::Own);
        }
        if text.starts_with('{') {
            return Err(("has a list of hosts", "write an entry for each host"));
        }
        if let Some(network) = Network::parse(text) {
            return Ok(Self::In(network));
        }
        let text = text.strip_suffix('/').unwrap_or(text);
        if text.contains(['/', '?', '#', '@']) {
            return Err(("has more than scheme, host and port", FORM));
        }
        let wildcard = text.strip_prefix("*.");
        let name = wildcard.unwrap_or(text);
        if name.contains('*') {
            return Err((
                "has a `*` that is not the first label",
                "write it as `https://*.example.com`",
            ));
        }
        match (HostName::parse(name).ok_or(NO_HOST)?, wildcard) {
            (host, None) => Ok(Self::Is(host)),
            (HostName::Domain(name), Some(_)) => Ok(Self::Under(format!(".{name}"))),
            (HostName::Ip(_), Some(_)) => {
                Err(("has a `*` before an address", "write a network: `10.0.0.0/8`"))
            }
        }
    }

    fn matches(&self, host: &HostName) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Is(granted), host) => granted == host,
            (Self::Under(suffix), HostName::Domain(name)) => {
                name.len() > suffix.len() && name.ends_with(suffix.as_str())
            }
            (Self::In(network), HostName::Ip(address)) => network.contains(*address),
            (Self::Under(_), HostName::Ip(_)) | (Self::In(_), HostName::Domain(_)) | (Self::Own, _) => false,
        }
    }
}

impl Port {
    fn parse(text: &str, scheme: &Scheme) -> Result<Self, Problem> {
        const WRONG: Problem = (
            "has a port that is no number, range or `*`",
            "write it as `https://host:443`, `:8000..9000` or `:*`",
        );
        const MISSING: Problem = ("needs a port for this scheme", "write the port, or `:*`");
        match text {
            "" => match scheme {
                Scheme::Is(name) => default_port(name).map(Self::Is).ok_or(MISSING),
                Scheme::Any => Err(MISSING),
            },
            "*" => Ok(Self::Any),
            list if list.starts_with('{') => Err(("has a list of ports", "write an entry for each port")),
            text => match text.split_once("..") {
                Some((from, to)) => {
                    let (from, to) = (number(from).ok_or(WRONG)?, number(to).ok_or(WRONG)?);
                    (from < to).then_some(Self::Range(from, to)).ok_or(WRONG)
                }
                None => number(text).map(Self::Is).ok_or(WRONG),
            },
        }
    }
}

/// Digits only: `u16::from_str` would also take a leading plus.
fn number(text: &str) -> Option<u16> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

pub(super) fn default_port(scheme: &str) -> Option<u16> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" | "rediss" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}
