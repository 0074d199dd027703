//! The grammar and its meaning, by tables.

use super::AllowedHosts;

fn allows(entries: &[&str], uri: &str) -> bool {
    AllowedHosts::parse(entries)
        .expect("entries parse")
        .allows(&uri.parse().expect("uri parses"))
}

#[test]
fn nothing_is_allowed_by_default() {
    assert!(!allows(&[], "http://api.spin.internal/"));
    let nothing = AllowedHosts::default();
    assert!(!nothing.allows_own() && !nothing.has_scheme("tcp"));
}

#[test]
fn entries_match_scheme_host_and_port() {
    for (entry, uri, expected) in [
        ("https://a.example", "https://a.example/x", true),
        ("https://a.example/", "https://a.example/x", true),
        (" https://a.example ", "https://a.example/x", true),
        ("https://A.example", "https://a.EXAMPLE/x", true),
        ("https://a.example", "https://a.example./", true),
        ("https://a.example", "https://a.example:443/", true),
        ("https://a.example", "http://a.example/", false),
        ("https://a.example", "https://a.example:8443/", false),
        ("https://a.example", "https://a.example.evil/", false),
        ("https://a.example", "https://a.example@evil.example/", false),
        ("https://*.example", "https://b.a.example/", true),
        ("https://*.example", "https://example/", false),
        ("https://*.example", "https://.example/", false),
        ("https://*.example", "https://badexample/", false),
        ("http://*:*", "http://anything:1234/", true),
        ("http://*", "http://anything/", true),
        ("http://*", "http://anything:81/", false),
        ("*://*:*", "https://anything:1/", true),
        ("*://a.example:8080", "http://a.example:8080/", true),
        ("http://a.example:8000..9000", "http://a.example:8999/", true),
        ("http://a.example:8000..9000", "http://a.example:9000/", false),
        ("http://a.example:8000..9000", "http://a.example/", false),
        (
            "http://router.spin.internal",
            "http://router.spin.internal/v1",
            true,
        ),
        (
            "http://router.spin.internal",
            "http://retrieval.spin.internal/",
            false,
        ),
        ("http://*.spin.internal", "http://retrieval.spin.internal/", true),
        ("http://self", "http://self/", false),
        ("http://*.self", "http://a.self/", true),
    ] {
        assert_eq!(allows(&[entry], uri), expected, "{entry} against {uri}");
    }
}

#[test]
fn addresses_match_in_every_dress() {
    for (entry, uri, expected) in [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/", true),
        ("http://127.0.0.1:8080", "http://127.1:8080/", true),
        ("http://127.0.0.1:8080", "http://localhost:8080/", false),
        ("http://[::1]:8080", "http://[::1]:8080/", true),
        ("http://[::1]", "http://[::1]/", true),
        ("http://10.0.0.0/8", "http://10.2.3.4/", true),
        ("http://10.0.0.0/8", "http://10.2.3.4:81/", false),
        ("http://10.0.0.0/8:81", "http://10.2.3.4:81/", true),
        ("http://10.0.0.0/8:*", "http://[::ffff:10.2.3.4]:9/", true),
        ("http://10.0.0.0/8", "http://11.2.3.4/", false),
        ("http://10.0.0.0/8", "http://ten.example/", false),
        ("http://10.0.0.0/8", "http://184549376/", false),
        ("http://10.0.0.0/8", "http://167772161/", true),
        ("http://2001:db8::/32", "http://[2001:db8::1]/", true),
        ("http://2001:db8::/32:81", "http://[2001:db8::1]:81/", true),
        ("http://*.example", "http://10.0.0.1/", false),
    ] {
        assert_eq!(allows(&[entry], uri), expected, "{entry} against {uri}");
    }
}

#[test]
fn sockets_are_granted_by_address_and_guarded_ones_by_nothing_else() {
    for (entry, scheme, address, expected) in [
        ("tcp://127.0.0.1:5000", "tcp", "127.0.0.1:5000", true),
        ("tcp://127.0.0.1:5000", "tcp", "[::ffff:127.0.0.1]:5000", true),
        ("tcp://127.0.0.1:5000", "tcp", "127.0.0.1:5001", false),
        ("tcp://127.0.0.1:5000", "udp", "127.0.0.1:5000", false),
        ("http://127.0.0.1:5000", "tcp", "127.0.0.1:5000", false),
        ("tcp://localhost:5000", "tcp", "127.0.0.1:5000", false),
        ("*://*:*", "tcp", "127.0.0.1:5000", true),
        ("*://*:*", "tcp", "169.254.169.254:80", false),
        ("tcp://0.0.0.0/0:80", "tcp", "169.254.169.254:80", false),
        ("tcp://169.254.169.254:80", "tcp", "169.254.169.254:80", true),
        ("tcp://169.254.0.0/16:80", "tcp", "169.254.169.254:80", true),
        ("*://*:*", "udp", "[fe80::1]:53", false),
    ] {
        let allowed = AllowedHosts::parse(&[entry]).expect("an entry");
        let address = address.parse().expect("an address");
        assert_eq!(
            allowed.allows_address(scheme, address),
            expected,
            "{entry} {scheme} {address}"
        );
    }
}

#[test]
fn own_routes_are_granted_by_self_or_by_everything() {
    for (entry, expected) in [
        ("http://self", true),
        ("https://self", true),
        ("http://self.alt", true),
        ("http://*:*", true),
        ("*://*:*", true),
        ("tcp://*:*", false),
        ("http://myself", false),
        ("http://127.0.0.1:3000", false),
    ] {
        let allowed = AllowedHosts::parse(&[entry]).expect("an entry");
        assert_eq!(allowed.allows_own(), expected, "{entry}");
    }
}

#[test]
fn ports_have_the_defaults_of_their_schemes() {
    for (entry, scheme, port, expected) in [
        ("redis://r.example", "redis", None, true),
        ("redis://r.example", "redis", Some(6379), true),
        ("postgres://r.example", "postgres", Some(5432), true),
        ("mysql://r.example", "mysql", Some(3306), true),
        ("mqtt://r.example", "mqtt", Some(1883), true),
        ("mqtt://r.example:*", "mqtt", Some(1), true),
        ("redis://r.example", "redis", Some(6380), false),
    ] {
        let allowed = AllowedHosts::parse(&[entry]).expect("an entry");
        assert_eq!(
            allowed.allows_host(scheme, "r.example", port),
            expected,
            "{entry} {port:?}"
        );
    }
}

#[test]
fn a_wrong_entry_is_refused_by_name() {
    for (entry, reason) in [
        ("a.example", "no scheme"),
        ("*", "no scheme"),
        ("", "no scheme"),
        ("://x", "empty scheme"),
        ("https://", "no host"),
        ("https://a/path", "more than scheme"),
        ("https://a:80/path", "port"),
        ("https://user@a", "more than scheme"),
        ("https://a:b", "port"),
        ("https://a:+80", "port"),
        ("https://x*y", "first label"),
        ("https://*.*.y", "first label"),
        ("https://*.10.0.0.1", "before an address"),
        ("ftp://a", "needs a port"),
        ("*://a", "needs a port"),
        ("tcp://a", "needs a port"),
        ("h2+tls://a:1", "letters"),
        ("http://a:9..8", "port"),
        ("{http,https}://a", "list of schemes"),
        ("http://{a,b}", "list of hosts"),
        ("http://{a,b}:80", "list of hosts"),
        ("http://a:{80,81}", "list of ports"),
        ("http://10.0.0.0/33", "more than scheme"),
        ("insecure:allow-all", "no longer a grant"),
    ] {
        let error = AllowedHosts::parse(&[entry]).expect_err(entry).to_string();
        assert!(
            error.contains(entry) && error.contains(reason) && error.contains("hint:"),
            "{entry}: {error}"
        );
    }
}
