//! Where a PostgreSQL server is, and whether it may be reached. No message repeats the address: it may hold a password.

use crate::bindings::spin::postgres::postgres::Error;
use gyre_capability_http::AllowedHosts;
use std::fmt;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

const SCHEME: &str = "postgres";
const PORT: u16 = 5432;

/// Why an address is not connected to.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "the address cannot be read; hint: write it as `postgres://user:password@host:5432/database` or `host=… user=… dbname=…`"
    )]
    Malformed,
    #[error("the address has {0}; hint: {1}")]
    Unsupported(&'static str, &'static str),
    #[error("{0} is not permitted; hint: add \"{0}\" to allowed_outbound_hosts of the component")]
    Denied(Server),
}

/// A server without its credentials.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct Server {
    host: String,
    port: u16,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}://{}:{}", self.host, self.port)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::ConnectionFailed(refusal.to_string())
    }
}

/// Reads an address, all of whose servers `allowed` must name.
pub(crate) fn admit(address: &str, allowed: &AllowedHosts) -> Result<Config, Refusal> {
    let config: Config = address.parse().map_err(|_may_repeat_it| Refusal::Malformed)?;
    // A name that is allowed must not stand for an address that is not.
    if !config.get_hostaddrs().is_empty() {
        return Err(Refusal::Unsupported("`hostaddr`", "use `host`"));
    }
    // The user of this process is nothing a guest should learn, or be.
    if config.get_user().is_none() {
        return Err(Refusal::Unsupported("no user", "name one"));
    }
    let servers = servers(&config)?;
    let denied = |server: &&Server| !allowed.allows_host(SCHEME, &server.host, Some(server.port));
    match servers.iter().find(denied) {
        Some(server) => Err(Refusal::Denied(server.clone())),
        None => Ok(config),
    }
}

fn servers(config: &Config) -> Result<Vec<Server>, Refusal> {
    let hosts = config.get_hosts();
    if hosts.is_empty() {
        return Err(Refusal::Unsupported("no host", "name one"));
    }
    let ports = config.get_ports();
    let port = |index: usize| match ports {
        [] => PORT,
        [one] => *one,
        many => many.get(index).copied().unwrap_or(PORT),
    };
    hosts
        .iter()
        .enumerate()
        .map(|(index, host)| match host {
            Host::Tcp(host) => Ok(Server {
                host: bracketed(host),
                port: port(index),
            }),
            Host::Unix(_) => Err(Refusal::Unsupported(
                "a Unix socket",
                "a sandbox reaches servers by TCP only",
            )),
        })
        .collect()
}

/// The host as it stands in a URL.
fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(allowed: &[&str], address: &str) -> Result<(), String> {
        let allowed = AllowedHosts::parse(allowed).expect("hosts");
        admit(address, &allowed)
            .map(|_config| ())
            .map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn only_granted_servers_are_reached() {
        let here = ["postgres://localhost:5432"];
        for address in [
            "postgres://u:secret@localhost/db",
            "postgresql://u@localhost:5432",
            "host=localhost user=u password=secret",
        ] {
            assert_eq!(admitted(&here, address), Ok(()), "{address}");
        }
        for (address, said) in [
            ("postgres://u:secret@other/db", "postgres://other:5432"),
            ("postgres://u:secret@localhost:1/db", "postgres://localhost:1"),
            (
                "host=localhost,other user=u password=secret",
                "postgres://other:5432",
            ),
            (
                "host=localhost hostaddr=10.0.0.1 user=u password=secret",
                "hostaddr",
            ),
            ("host=/run user=u password=secret", "Unix"),
            ("postgres://localhost/db", "no user"),
            ("user=u password=secret", "no host"),
            ("postgres://u:secret@localhost:port", "cannot be read"),
            ("host=localhost passwrd=secret", "cannot be read"),
        ] {
            let told = admitted(&here, address).expect_err(address);
            assert!(told.contains(said) && told.contains("hint:"), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
        assert!(admitted(&[], "postgres://u@localhost").is_err());
        assert!(admitted(&["https://localhost:5432"], "postgres://u@localhost").is_err());
    }
}
