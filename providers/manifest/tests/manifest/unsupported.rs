//! What Spin can do and this host cannot: refused by name, with the reason.

use crate::support::{BODY, HEAD, refused, refused_in_component};

#[test]
fn triggers() {
    for plugin in ["command", "cron", "mqtt", "sqs", "timer"] {
        refused(
            &format!("{HEAD}{BODY}[[trigger.{plugin}]]\n"),
            &[&format!(
                "trigger.{plugin}: not supported: it is a plugin of Spin"
            )],
        );
    }
    for (kind, key, expected) in [
        (
            "http",
            "executor = { type = \"wagi\" }",
            "executor.type: not supported: Wagi",
        ),
        (
            "http",
            "components = { a = \"x\" }",
            "components: not supported: a trigger",
        ),
        (
            "http",
            "dependencies.other = []",
            "dependencies.other: unknown key",
        ),
        (
            "redis",
            "dependencies = { }",
            "dependencies: not supported: only requests of HTTP",
        ),
    ] {
        let text = format!(
            "{HEAD}{BODY}[[trigger.{kind}]]\ncomponent = \"x\"\nchannel = \"c\"\naddress = \"redis://a\"\n{key}\n"
        );
        refused(&text, &[expected]);
    }
    let text = format!("{HEAD}trigger.http.base = \"/base\"\n{BODY}");
    refused(
        &text,
        &["application.trigger.http.base: not supported: routes have no common base"],
    );
}

#[test]
fn deprecated_grants() {
    refused_in_component(
        "allowed_http_hosts = [\"a\"]",
        &[
            "component.x.allowed_http_hosts: not supported",
            "allowed_outbound_hosts = [",
        ],
    );
}

#[test]
fn registries_of_packages() {
    for (extra, key) in [
        (
            "dependencies.\"a:b\" = \">= 1.0\"",
            "component.x.dependencies.\"a:b\"",
        ),
        ("dependencies.\"a:b\" = { version = \"1.0\" }", "a:b@1.0"),
        (
            "dependencies.\"a:b\" = { version = \"1.0\", package = \"c:d\", registry = \"r\" }",
            "c:d@1.0",
        ),
        (
            "[component.y]\nsource = { registry = \"r\", package = \"c:d\", version = \"1.0\" }",
            "component.y.source",
        ),
    ] {
        refused_in_component(extra, &[key, "in a registry of packages", "wkg get"]);
    }
    refused_in_component(
        "dependencies.a-b = \"1.0\"",
        &["component.x.dependencies.a-b: it names no package"],
    );
    refused_in_component(
        "dependencies.\"a:b\" = { package = \"c:d\" }",
        &["version: missing"],
    );
}
