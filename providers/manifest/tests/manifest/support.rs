//! Manifests as texts: accepted, or refused with the key and the cure.

use gyre_manifest::{App, Error, load};
use std::fs;

pub(crate) const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"a\"\n";
pub(crate) const BODY: &str =
    "[[trigger.http]]\ncomponent = \"x\"\nroute = \"/...\"\n[component.x]\nsource = \"x.wasm\"\n";

pub(crate) fn read(text: &str, profile: Option<&str>) -> Result<App, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spin.toml");
    fs::write(&path, text).expect("written");
    load(&path, profile)
}

pub(crate) fn accepted(extra: &str) -> App {
    read(&format!("{HEAD}{BODY}{extra}"), None).expect("accepted")
}

#[track_caller]
pub(crate) fn refused(text: &str, expected: &[&str]) {
    let error = read(text, None).expect_err("refused").to_string();
    for part in expected {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
    assert!(error.contains("hint: "), "no hint in: {error}");
}

/// Appends to `[component.x]`.
#[track_caller]
pub(crate) fn refused_in_component(extra: &str, expected: &[&str]) {
    refused(&format!("{HEAD}{BODY}{extra}"), expected);
}

/// A digest as it is written.
pub(crate) const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
