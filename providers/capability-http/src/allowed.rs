//! `allowed_outbound_hosts`: `scheme://host[:port]`, with `*` for any scheme, host, leading labels or port.

use http::Uri;
use thiserror::Error;

/// An entry of `allowed_outbound_hosts` that cannot be read.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("allowed_outbound_hosts: `{entry}`: {problem}; hint: write it as `https://host:port`")]
pub struct ParseError {
    entry: String,
    problem: &'static str,
}

/// The hosts a component may reach. Empty allows nothing.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts(Vec<Pattern>);

#[derive(Debug, Clone)]
struct Pattern {
    scheme: Scheme,
    host: Host,
    port: Port,
}

#[derive(Debug, Clone, PartialEq)]
enum Scheme {
    Any,
    Is(String),
}

#[derive(Debug, Clone)]
enum Host {
    Any,
    Is(String),
    /// `*.example.com`: any name with more labels, never the bare name.
    Under(String),
}

#[derive(Debug, Clone)]
enum Port {
    Any,
    Is(u16),
    /// `8000..9000`, end not included.
    Range(u16, u16),
}

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
    pub fn allows(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return false;
        };
        self.allows_host(scheme, host, uri.port_u16())
    }

    /// Whether `host` may be reached; without a port the one of the scheme is meant. An IPv6 address has its brackets.
    #[must_use]
    pub fn allows_host(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        let port = port.or_else(|| default_port(scheme));
        self.0.iter().any(|pattern| pattern.matches(scheme, host, port))
    }
}

impl Pattern {
    fn parse(entry: &str) -> Result<Self, ParseError> {
        let error = |problem| ParseError {
            entry: entry.to_owned(),
            problem,
        };
        let (scheme, rest) = entry.split_once("://").ok_or_else(|| error("has no scheme"))?;
        if rest.contains(['/', '?', '#', '@']) {
            return Err(error("has more than scheme, host and port"));
        }
        let (host, port) = split_port(rest);
        let scheme = match scheme {
            "" => return Err(error("has an empty scheme")),
            "*" => Scheme::Any,
            name => Scheme::Is(name.to_ascii_lowercase()),
        };
        let port = match port {
            Some(text) => {
                Port::parse(text).ok_or_else(|| error("has a port that is no number, range or `*`"))?
            }
            None => match &scheme {
                Scheme::Is(name) => default_port(name)
                    .map(Port::Is)
                    .ok_or_else(|| error("needs a port for this scheme"))?,
                Scheme::Any => Port::Any,
            },
        };
        let host = Host::parse(host).ok_or_else(|| error("has an empty or misplaced `*` host"))?;
        Ok(Self { scheme, host, port })
    }

    fn matches(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        let scheme_fits = match &self.scheme {
            Scheme::Any => true,
            Scheme::Is(name) => name.eq_ignore_ascii_case(scheme),
        };
        let host_fits = match &self.host {
            Host::Any => true,
            Host::Is(name) => name.eq_ignore_ascii_case(host),
            Host::Under(suffix) => {
                let host = host.to_ascii_lowercase();
                host.strip_suffix(suffix.as_str())
                    .is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
            }
        };
        let port_fits = match (&self.port, port) {
            (Port::Any, _) => true,
            (Port::Is(wanted), Some(port)) => *wanted == port,
            (Port::Range(from, to), Some(port)) => (*from..*to).contains(&port),
            (_, None) => false,
        };
        scheme_fits && host_fits && port_fits
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "" => None,
            "*" => Some(Self::Any),
            text => match text.strip_prefix("*.") {
                Some(suffix) if !suffix.is_empty() && !suffix.contains('*') => {
                    Some(Self::Under(suffix.to_ascii_lowercase()))
                }
                None if !text.contains('*') => Some(Self::Is(text.to_ascii_lowercase())),
                _ => None,
            },
        }
    }
}

impl Port {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        match text.split_once("..") {
            Some((from, to)) => {
                let (from, to) = (from.parse().ok()?, to.parse().ok()?);
                (from < to).then_some(Self::Range(from, to))
            }
            None => text.parse().ok().map(Self::Is),
        }
    }
}

/// Splits `host:port`, leaving the colons of a bracketed IPv6 address alone.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after_bracket = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_bracket..].rfind(':') {
        Some(at) => (
            &authority[..after_bracket + at],
            Some(&authority[after_bracket + at + 1..]),
        ),
        None => (authority, None),
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "redis" | "rediss" => Some(6379),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::AllowedHosts;

    fn allows(entries: &[&str], uri: &str) -> bool {
        AllowedHosts::parse(entries)
            .expect("entries parse")
            .allows(&uri.parse().expect("uri parses"))
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        assert!(!allows(&[], "http://api.spin.internal/"));
    }

    #[test]
    fn entries_match_scheme_host_and_port() {
        let cases = [
            ("https://a.example", "https://a.example/x", true),
            ("https://a.example", "https://A.EXAMPLE/x", true),
            ("https://a.example", "http://a.example/", false),
            ("https://a.example", "https://a.example:8443/", false),
            ("https://a.example", "https://a.example.evil/", false),
            ("https://*.example", "https://b.a.example/", true),
            ("https://*.example", "https://example/", false),
            ("https://*.example", "https://badexample/", false),
            ("http://*:*", "http://anything:1234/", true),
            ("*://a.example:8080", "http://a.example:8080/", true),
            ("http://a.example:8000..9000", "http://a.example:8999/", true),
            ("http://a.example:8000..9000", "http://a.example:9000/", false),
            ("http://[::1]:8080", "http://[::1]:8080/", true),
            (
                "http://router.spin.internal",
                "http://router.spin.internal/v1/models",
                true,
            ),
            (
                "http://router.spin.internal",
                "http://retrieval.spin.internal/",
                false,
            ),
        ];
        for (entry, uri, expected) in cases {
            assert_eq!(allows(&[entry], uri), expected, "{entry} against {uri}");
        }
    }

    #[test]
    fn a_wrong_entry_is_refused_by_name() {
        for entry in [
            "a.example",
            "://x",
            "https://",
            "https://a/path",
            "https://a:b",
            "https://x*y",
            "ftp://a",
            "http://a:9..8",
        ] {
            let error = AllowedHosts::parse(&[entry]).expect_err(entry).to_string();
            assert!(error.contains(entry) && error.contains("hint:"), "{error}");
        }
    }
}
