//! Checks of the server and of the address it listens on.

use super::{Check, SERVER_TIMEOUT};
use crate::client::{BaseUrl, Error, Server};
use serde_json::Value;
use std::net::{SocketAddr, TcpListener};

/// Whether the server answers, and what it says of itself.
pub(super) async fn health(server: &Server, url: &BaseUrl) -> Check {
    const NAME: &str = "server";
    match server.get::<Value>(&["health"]).await {
        Ok(health) => told(url, &health),
        Err(Error::Unreachable { .. }) => Check::warn(
            NAME,
            format!("no server at {url}"),
            "start one with `gyre up`, or name another with --url",
        ),
        Err(error) => Check::fail(
            NAME,
            error.to_string().replace("; hint: ", "; "),
            "the log of the server says why",
        ),
    }
}

fn told(url: &BaseUrl, health: &Value) -> Check {
    const NAME: &str = "server";
    let checks = health
        .get("checks")
        .map(|checks| format!(" {checks}"))
        .unwrap_or_default();
    match health.get("status").and_then(Value::as_str) {
        Some("ok") => Check::ok(NAME, format!("{url} is ok")),
        Some("degraded") => Check::warn(
            NAME,
            format!("{url} is degraded:{checks}"),
            "see the checks it names; its log says more",
        ),
        _ => Check::fail(
            NAME,
            format!("{url} is no gyre: /health says {health}"),
            "name a gyre with --url",
        ),
    }
}

/// Whether `gyre up` could listen there, or a gyre already does.
pub(super) async fn port(address: SocketAddr) -> Check {
    const NAME: &str = "address";
    const CURE: &str = "stop what listens there, or choose another address with --listen";
    let error = match TcpListener::bind(address) {
        Ok(_) => return Check::ok(NAME, format!("{address} is free")),
        Err(error) => error,
    };
    if error.kind() != std::io::ErrorKind::AddrInUse {
        return Check::fail(
            NAME,
            format!("cannot listen on {address}: {error}"),
            "choose another address with --listen",
        );
    }
    if is_gyre(address).await {
        Check::ok(NAME, format!("{address} is held by a gyre"))
    } else {
        Check::fail(NAME, format!("{address} is held by another program"), CURE)
    }
}

async fn is_gyre(address: SocketAddr) -> bool {
    let Ok(url) = BaseUrl::of(address) else {
        return false;
    };
    let Ok(server) = Server::new(&url, SERVER_TIMEOUT) else {
        return false;
    };
    let health = server.get::<Value>(&["health"]).await;
    health.is_ok_and(|health| health.get("status").is_some() && health.get("checks").is_some())
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;
    use serde_json::json;

    #[test]
    fn health_is_believed_only_from_a_gyre() {
        let url: BaseUrl = "http://h".parse().expect("a URL");
        let cases = [
            (json!({"status": "ok", "checks": {}}), Level::Ok),
            (
                json!({"status": "degraded", "checks": {"model": "none"}}),
                Level::Warn,
            ),
            (json!({"status": "fine"}), Level::Fail),
            (json!([]), Level::Fail),
        ];
        for (health, expected) in cases {
            assert_eq!(told(&url, &health).level, expected, "{health}");
        }
    }

    #[tokio::test]
    async fn a_taken_port_fails() {
        crate::start_tls();
        let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = taken.local_addr().expect("its address");
        // Nobody accepts: closing the socket soon makes the check fail fast.
        let closer = std::thread::spawn(move || drop(taken.accept()));
        assert_eq!(port(address).await.level, Level::Fail);
        closer.join().expect("the thread ends");
        assert_eq!(
            port("127.0.0.1:0".parse().expect("an address")).await.level,
            Level::Ok
        );
    }
}
