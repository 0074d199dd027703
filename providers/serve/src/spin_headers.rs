//! The request headers by which Spin tells a component how it was reached.

use gyre_manifest::{RouteMatch, RoutePattern};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::net::SocketAddr;

/// What begins the name of each; a client's own are taken away.
const PREFIX: &str = "spin-";
/// The route that a chained call takes: everything.
const EVERYTHING: &str = "/...";
const WILDCARD: &str = "/...";

/// How a request reached its component.
pub(crate) struct Reached<'a> {
    /// The URL that was asked for.
    pub(crate) full_url: String,
    /// The path that was asked for.
    pub(crate) path: &'a str,
    /// The pattern that matched, and how; none for a chained call.
    pub(crate) route: Option<(&'a RoutePattern, &'a RouteMatch)>,
    /// Who asks.
    pub(crate) client: SocketAddr,
}

impl Reached<'_> {
    /// Replaces every header of this kind by what is true.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let foreign: Vec<HeaderName> = headers
            .keys()
            .filter(|name| name.as_str().starts_with(PREFIX))
            .cloned()
            .collect();
        for name in foreign {
            headers.remove(name);
        }
        let raw = self.route.map_or(EVERYTHING, |(pattern, _)| pattern.as_str());
        let path_info = match self.route {
            Some((_, found)) => trailing(found, self.path),
            None => self.path,
        };
        let client = self.client.to_string();
        for (name, value) in [
            ("path-info", path_info),
            ("full-url", self.full_url.as_str()),
            // Spin writes it without the last slash, so that `/` is empty.
            ("matched-route", raw.strip_suffix('/').unwrap_or(raw)),
            ("base-path", "/"),
            ("raw-component-route", raw),
            ("component-route", raw.strip_suffix(WILDCARD).unwrap_or(raw)),
            ("client-addr", client.as_str()),
        ] {
            insert(headers, &format!("{PREFIX}{name}"), value);
        }
        let params = self.route.into_iter().flat_map(|(_, found)| &found.params);
        for (name, value) in params {
            let name = name.replace('_', "-").to_ascii_lowercase();
            insert(headers, &format!("{PREFIX}path-match-{name}"), value);
        }
    }
}

/// What the wildcard stood for. `/a/...` asked for `/a` has nothing there, and for `/a/` a slash.
fn trailing<'a>(found: &'a RouteMatch, path: &str) -> &'a str {
    match found.trailing.as_deref() {
        Some("/") if !path.ends_with('/') => "",
        Some(trailing) => trailing,
        None => "",
    }
}

/// What cannot stand in a header, such as an odd name of a parameter, is left out, as Spin does.
fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(route: Option<&str>, path: &str) -> Vec<String> {
        let pattern = route.map(|route| RoutePattern::parse(route).expect("a route"));
        let found = pattern
            .as_ref()
            .map(|pattern| pattern.matches(path).expect("a match"));
        let mut headers = HeaderMap::new();
        headers.insert("spin-client-addr", HeaderValue::from_static("1.1.1.1:1"));
        headers.insert("spin-path-match-admin", HeaderValue::from_static("yes"));
        headers.insert("accept", HeaderValue::from_static("text/plain"));
        Reached {
            full_url: format!("http://host{path}?q=1"),
            path,
            route: pattern.as_ref().zip(found.as_ref()),
            client: "127.0.0.1:9".parse().expect("an address"),
        }
        .tell(&mut headers);
        assert!(!headers.contains_key("spin-path-match-admin"), "{headers:?}");
        assert_eq!(headers["spin-client-addr"], "127.0.0.1:9");
        assert_eq!(headers["spin-base-path"], "/");
        assert_eq!(headers["accept"], "text/plain");
        assert_eq!(
            headers["spin-full-url"].to_str().unwrap(),
            format!("http://host{path}?q=1")
        );
        let names = [
            "path-info",
            "matched-route",
            "raw-component-route",
            "component-route",
        ];
        let of = |name: &str| headers[format!("spin-{name}")].to_str().unwrap().to_owned();
        let mut found: Vec<String> = names.iter().map(|name| of(name)).collect();
        for (name, value) in &headers {
            if let Some(name) = name.as_str().strip_prefix("spin-path-match-") {
                found.push(format!("{name}={}", value.to_str().unwrap()));
            }
        }
        found
    }

    #[test]
    fn every_route_is_told_as_spin_tells_it() {
        for (route, path, expected) in [
            (Some("/a"), "/a", ["", "/a", "/a", "/a"].as_slice()),
            (Some("/"), "/", &["", "", "/", "/"]),
            (Some("/..."), "/", &["/", "/...", "/...", ""]),
            (Some("/..."), "/x/y", &["/x/y", "/...", "/...", ""]),
            (Some("/a/..."), "/a", &["", "/a/...", "/a/...", "/a"]),
            (Some("/a/..."), "/a/", &["/", "/a/...", "/a/...", "/a"]),
            (Some("/a/..."), "/a/b/c/", &["/b/c/", "/a/...", "/a/...", "/a"]),
            (
                Some("/u/:user_id/..."),
                "/u/42/x",
                &[
                    "/x",
                    "/u/:user_id/...",
                    "/u/:user_id/...",
                    "/u/:user_id",
                    "user-id=42",
                ],
            ),
            (None, "/x", &["/x", "/...", "/...", ""]),
        ] {
            assert_eq!(told(route, path), expected, "{route:?} {path}");
        }
    }
}
