//! Variables and templates.

use crate::support::{BODY, HEAD, accepted, read, refused_in_component};
use gyre_manifest::{resolve_template, resolve_variables};
use std::collections::BTreeMap;

#[test]
fn variables_resolve_and_stay_secret() {
    let app = accepted(
        "variables.v = \"<{{ a }}|{{b}}>\"\n[variables]\na = { default = \"A\" }\nb = { required = true, secret = true }\n\
         c = { default = \"hunter2\", secret = true }\n",
    );
    assert!(!format!("{app:?}").contains("hunter2"));
    let none = BTreeMap::new();
    let error = resolve_variables(&app, &none).expect_err("refused").to_string();
    assert!(error.contains("--variable b="), "{error}");
    let unknown = BTreeMap::from([("z".to_owned(), String::new())]);
    let error = resolve_variables(&app, &unknown)
        .expect_err("refused")
        .to_string();
    assert!(error.contains("variables.z: no such variable"), "{error}");

    let given = BTreeMap::from([("b".to_owned(), "swordfish".to_owned())]);
    let resolved = resolve_variables(&app, &given).expect("resolved");
    assert!(!format!("{resolved:?}").contains("swordfish"));
    assert!(resolved.is_secret("b") && !resolved.is_secret("a"));
    let values = resolved
        .resolve_map("component.x.variables", &app.components["x"].variables)
        .expect("resolved");
    assert_eq!(values["v"], "<A|swordfish>");
    let error = resolve_template("k", "{{ z }}", &resolved)
        .expect_err("refused")
        .to_string();
    assert!(error.contains("`z` is not a variable"), "{error}");
}

#[test]
fn refuses_wrong_variables_and_templates() {
    for (extra, expected) in [
        (
            "[variables]\nv = {}",
            "variables.v: must have a default or be required",
        ),
        (
            "[variables]\nv = { default = \"\", required = true }",
            "variables.v: must have a default",
        ),
        ("[variables]\nV = { default = \"\" }", "variables.V: not a name"),
        (
            "[variables]\na_1 = { default = \"\" }",
            "variables.a_1: not a name",
        ),
        (
            "[variables]\nv = { default = \"\", description = 1 }",
            "variables.v.description: must be a string",
        ),
        ("[variables]\nv = \"s\"", "variables.v: must be a table"),
        (
            "variables.v = \"{{ z }}\"",
            "component.x.variables.v: `z` is not a variable",
        ),
        ("variables.v = \"{{ z\"", "not closed"),
        (
            "allowed_outbound_hosts = [\"http://{{ }}\"]",
            "component.x.allowed_outbound_hosts[0]: a `{{ }}`",
        ),
    ] {
        refused_in_component(extra, &[expected]);
    }
    let secret = read(
        &format!("{HEAD}{BODY}[variables]\nv = {{ default = [\"hunter2\"], secret = true }}"),
        None,
    );
    assert!(!secret.expect_err("refused").to_string().contains("hunter2"));
}
