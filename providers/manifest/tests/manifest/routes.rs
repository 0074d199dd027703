//! Routes of HTTP triggers.

use crate::support::{HEAD, read};
use gyre_manifest::{Handler, RoutePattern, Router};

#[test]
fn routes_match() {
    for (pattern, path, expected) in [
        ("/", "/", Some((None, ""))),
        ("/", "/a", None),
        ("/a", "/a/", Some((None, ""))),
        ("/a", "/ab", None),
        ("/...", "/", Some((Some("/"), ""))),
        ("/...", "/a/b", Some((Some("/a/b"), ""))),
        ("/a/...", "/a", Some((Some("/"), ""))),
        ("/a/...", "/a/b/c", Some((Some("/b/c"), ""))),
        ("/a/...", "/ab", None),
        ("/a/:p/c", "/a/b/c", Some((None, "b"))),
        ("/a/*", "/a/b", Some((Some("/b"), ""))),
        ("/a/:p", "/a/", None),
        ("/a/:p/...", "/a/b/c/d", Some((Some("/c/d"), "b"))),
    ] {
        let found = RoutePattern::parse(pattern).expect("a pattern").matches(path);
        let found = found.as_ref().map(|m| {
            (
                m.trailing.as_deref(),
                m.params.get("p").map_or("", String::as_str),
            )
        });
        assert_eq!(found, expected, "{pattern} on {path}");
    }
    for pattern in ["a", "//", "/a//b", "/:", "/a...", "/.../a"] {
        assert!(RoutePattern::parse(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn the_most_specific_route_wins() {
    let routes = ["/...", "/a/...", "/a/:p", "/a/b", "/:p/b"];
    let mut text = HEAD.to_owned();
    for (index, route) in routes.iter().enumerate() {
        text += &format!("[[trigger.http]]\ncomponent = \"c{index}\"\nroute = \"{route}\"\n");
    }
    for index in 0..routes.len() {
        text += &format!("[component.c{index}]\nsource = \"x\"\n");
    }
    let router = Router::new(&read(&text, None).expect("accepted").triggers).expect("a router");
    for (path, component) in [
        ("/", "c0"),
        ("/a", "c1"),
        ("/a/x", "c2"),
        ("/a/b", "c3"),
        ("/z/b", "c4"),
        ("/a/b/c", "c1"),
    ] {
        let expected = Handler::Component(component.to_owned());
        assert_eq!(
            router.find(path).map(|(handler, ..)| handler),
            Some(&expected),
            "{path}"
        );
    }
}
