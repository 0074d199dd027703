//! Who may change something through the operators' socket. Pure.
//!
//! The socket has no authentication, and metrics are often read from other machines. So only this machine may change
//! something, and no page in a browser of this machine: pages send no JSON to another origin, and a name that leads
//! here by deceit is no address.

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HOST};
use std::net::{IpAddr, SocketAddr};

const JSON: &str = "application/json";

/// Why a change is refused, and what to do; `None` where it is not.
pub(super) fn refusal(client: SocketAddr, headers: &HeaderMap) -> Option<(&'static str, &'static str)> {
    if !client.ip().to_canonical().is_loopback() {
        return Some((
            "models are loaded and unloaded from the machine of the host only",
            "run `gyre model` there",
        ));
    }
    let header = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if !is_address(header(HOST)) {
        return Some((
            "the header Host is not the address of this socket",
            "call it by its address, such as 127.0.0.1, not by a name",
        ));
    }
    let media_type = header(CONTENT_TYPE).split(';').next().unwrap_or_default();
    (media_type.trim() != JSON).then_some((
        "the body is not JSON",
        "send {} with `content-type: application/json`",
    ))
}

fn is_address(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    host.parse::<SocketAddr>().is_ok() || host.parse::<IpAddr>().is_ok() || name == "localhost"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_no_page_may_change_something() {
        let cases = [
            ("127.0.0.1:5", "127.0.0.1:9000", JSON, ""),
            (
                "127.0.0.1:5",
                "localhost:9000",
                "application/json; charset=utf-8",
                "",
            ),
            ("[::1]:5", "[::1]:9000", JSON, ""),
            ("[::ffff:127.0.0.1]:5", "127.0.0.1", JSON, ""),
            (
                "10.0.0.9:5",
                "10.0.0.1:9000",
                JSON,
                "from the machine of the host",
            ),
            ("127.0.0.1:5", "evil.example:9000", JSON, "Host"),
            ("127.0.0.1:5", "", JSON, "Host"),
            ("127.0.0.1:5", "127.0.0.1:9000", "text/plain", "not JSON"),
            ("127.0.0.1:5", "127.0.0.1:9000", "", "not JSON"),
        ];
        for (client, host, media_type, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().expect("a value"));
            headers.insert(CONTENT_TYPE, media_type.parse().expect("a value"));
            let refusal = refusal(client.parse().expect("an address"), &headers);
            let what = refusal.map_or("", |(what, _)| what);
            assert!(
                what.contains(expected) && what.is_empty() == expected.is_empty(),
                "{client} {host} {media_type}: {what}"
            );
        }
    }
}
