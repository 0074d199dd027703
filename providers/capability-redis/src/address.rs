//! Where a Redis server is. What is shown of an address never has its user or password.

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};
use std::fmt;

/// A Redis server, read from a URL.
#[derive(Clone)]
pub struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
    pub(crate) settings: RedisConnectionInfo,
}

impl Address {
    /// Reads `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. `None` for anything else:
    /// the text may hold a password, so no error repeats it.
    pub fn parse(text: &str) -> Option<Self> {
        let scheme = text.split_once("://")?.0;
        if !["redis", "rediss"].contains(&scheme) {
            return None;
        }
        let info: ConnectionInfo = text.into_connection_info().ok()?;
        let settings = info.redis_settings().clone();
        let (host, port, tls) = match info.addr() {
            ConnectionAddr::Tcp(host, port) => (host.clone(), *port, false),
            ConnectionAddr::TcpTls {
                host,
                port,
                insecure: false,
                ..
            } => (host.clone(), *port, true),
            // A certificate that nobody checks protects nothing.
            _ => return None,
        };
        Some(Self {
            host,
            port,
            tls,
            settings,
        })
    }

    /// `redis` or `rediss`.
    pub fn scheme(&self) -> &'static str {
        if self.tls { "rediss" } else { "redis" }
    }

    /// The host as it stands in a URL.
    pub(crate) fn url_host(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme(), self.url_host(), self.port)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_shows_its_server_and_no_secret() {
        let cases = [
            ("redis://localhost", "redis://localhost:6379"),
            ("redis://localhost:7000/3", "redis://localhost:7000"),
            ("rediss://cache.example", "rediss://cache.example:6379"),
            ("redis://user:secret@cache.example:1", "redis://cache.example:1"),
            ("redis://:secret@[::1]:6380", "redis://[::1]:6380"),
        ];
        for (text, shown) in cases {
            let address = Address::parse(text).expect(text);
            assert_eq!(address.to_string(), shown);
            assert_eq!(format!("{address:?}"), shown);
        }
    }

    #[test]
    fn what_is_no_server_is_no_address() {
        let wrong = [
            "",
            "localhost:6379",
            "http://localhost",
            "unix:///run/redis.sock",
            "redis+unix:///run/redis.sock",
            "rediss://cache.example/#insecure",
            "redis://",
        ];
        for text in wrong {
            assert!(Address::parse(text).is_none(), "{text}");
        }
    }
}
