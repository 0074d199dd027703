//! Where components come from: files, URLs with their digests, registries.

use crate::support::{BODY, DIGEST, HEAD, read, refused};
use gyre_manifest::{RemoteFile, Source};
use std::{collections::BTreeMap, path::PathBuf};

fn with_source(source: &str) -> String {
    format!("{HEAD}{}", BODY.replace("\"x.wasm\"", source))
}

#[test]
fn a_url_is_fetched_once_and_replaced_wherever_it_stands() {
    let url = format!("{{ url = \"https://a/x.wasm\", digest = \"{DIGEST}\" }}");
    let text = with_source(&url)
        + &format!("dependencies.\"a:b\" = {url}\n[component.y]\nsource = \"y.wasm\"\n")
        + &format!(
            "[[trigger.http]]\ncomponent = \"y\"\nroute = \"/y\"\ndependencies.middleware = [{url}]\n"
        );
    let mut app = read(&text, None).expect("accepted");
    let remote = RemoteFile {
        url: "https://a/x.wasm".to_owned(),
        sha256: DIGEST.trim_start_matches("sha256:").to_owned(),
    };
    assert_eq!(
        app.remote_files().into_iter().collect::<Vec<_>>(),
        std::slice::from_ref(&remote)
    );
    let file = PathBuf::from("/fetched");
    app.replace_remote(&BTreeMap::from([(remote, file.clone())]));
    assert!(app.remote_files().is_empty());
    let expected = Source::File(file);
    assert_eq!(app.components["x"].source, expected);
    assert_eq!(app.components["x"].dependencies["a:b"].source, expected);
    assert_eq!(app.components["y"].middleware[0].source, expected);
}

#[test]
fn refuses_wrong_sources() {
    let short = DIGEST.get(..20).expect("a part");
    let upper = DIGEST.to_uppercase().replace("SHA256", "sha256");
    for (source, expected) in [
        ("1".to_owned(), "component.x.source: must be the path"),
        ("{ }".to_owned(), "component.x.source.package: missing"),
        (
            "{ url = \"https://a\" }".to_owned(),
            "component.x.source.digest: missing",
        ),
        (
            format!("{{ url = \"file:///a\", digest = \"{DIGEST}\" }}"),
            "component.x.source.url: only http:// and https://",
        ),
        (
            format!("{{ url = \"https://a\", digest = \"{short}\" }}"),
            "component.x.source.digest: not a SHA-256",
        ),
        (
            format!("{{ url = \"https://a\", digest = \"{upper}\" }}"),
            "component.x.source.digest: not a SHA-256",
        ),
        (
            format!("{{ url = \"https://a\", digest = \"{DIGEST}\", foo = 1 }}"),
            "component.x.source.foo: unknown key",
        ),
        (
            "{ package = \"a:b\" }".to_owned(),
            "component.x.source.version: missing",
        ),
    ] {
        refused(&with_source(&source), &[expected]);
    }
}

#[test]
fn a_profile_may_replace_what_cannot_be_used() {
    let registry = "{ registry = \"r\", package = \"a:b\", version = \"1.0.0\" }";
    let text = with_source(registry) + "profile.p.source = \"p.wasm\"\n";
    read(&text, Some("p")).expect("accepted");
    let error = read(&text, None).expect_err("refused").to_string();
    assert!(error.contains("component.x.source: not supported"), "{error}");
}
