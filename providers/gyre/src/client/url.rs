//! Addresses of servers.

use reqwest::Url;
use std::str::FromStr;

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl(Url);

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let url = Url::parse(given).map_err(|error| format!("{error}; write it as http://HOST:PORT"))?;
        match url.scheme() {
            "http" if url.has_host() => Ok(Self(url)),
            "https" => {
                Err("TLS is not spoken here; put a TLS proxy before the server, not before the client".into())
            }
            _ => Err("write it as http://HOST:PORT".into()),
        }
    }
}

impl BaseUrl {
    /// The server that listens on an address.
    pub(crate) fn of(address: std::net::SocketAddr) -> Result<Self, String> {
        format!("http://{address}").parse()
    }

    /// The address of a resource: each segment is escaped.
    pub(super) fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        // An http URL always has segments.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_are_taken() {
        let cases = [
            ("http://127.0.0.1:3000", Ok("http://127.0.0.1:3000")),
            ("http://localhost:3000/", Ok("http://localhost:3000")),
            ("http://host/prefix/", Ok("http://host/prefix")),
            ("https://host", Err("TLS is not spoken here")),
            ("127.0.0.1:3000", Err("http://HOST:PORT")),
            ("localhost:3000", Err("http://HOST:PORT")),
            ("", Err("http://HOST:PORT")),
        ];
        for (given, expected) in cases {
            match (BaseUrl::from_str(given), expected) {
                (Ok(url), Ok(expected)) => assert_eq!(url.to_string(), expected),
                (Err(error), Err(expected)) => assert!(error.contains(expected), "{given}: {error}"),
                (got, expected) => panic!("{given}: {got:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn segments_are_escaped() {
        let base: BaseUrl = "http://h:1/p".parse().expect("a URL");
        assert_eq!(
            base.join(&["api", "a/b?c"]).as_str(),
            "http://h:1/p/api/a%2Fb%3Fc"
        );
    }
}
