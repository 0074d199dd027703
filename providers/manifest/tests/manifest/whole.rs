//! Whole manifests, and parts of them.

use crate::support::{BODY, HEAD, accepted, refused, refused_in_component};
use gyre_manifest::{Category, Route, RoutePattern, load};
use std::path::Path;

#[test]
fn reads_the_repository_s_own_manifest() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spin.toml");
    let app = load(&path, Some("gyre")).expect("accepted");
    assert_eq!(app.name, "gyre");
    let public: Vec<_> = app
        .triggers
        .iter()
        .filter(|t| t.route != Route::Private)
        .collect();
    assert_eq!(public.len(), 1);
    assert_eq!(public[0].component(), Some("gateway"));
    let leaf = &app.components["model-local"].dependencies["gyre:inference"];
    assert!(leaf.source.to_string().ends_with("/inference_nn.wasm"));
    assert!(leaf.inherit.contains(Category::AiModels));

    let stock = load(&path, None).expect("accepted");
    let leaf = &stock.components["model-local"].dependencies["gyre:inference"];
    assert!(leaf.source.to_string().ends_with("/inference_http.wasm"));
    assert!(leaf.inherit.contains(Category::AllowedOutboundHosts));
    assert!(!leaf.inherit.contains(Category::AiModels));
}

#[test]
fn a_subset_has_no_edges_to_what_is_left_out() {
    let more = "allowed_outbound_hosts = [\"http://y.spin.internal\", \"http://z.spin.internal\", \"https://a\"]\n\
        [[trigger.http]]\ncomponent = \"y\"\nroute = { private = true }\n[component.y]\nsource = \"y.wasm\"\n\
        [[trigger.http]]\ncomponent = \"z\"\nroute = { private = true }\n[component.z]\nsource = \"z.wasm\"\n";
    let mut part = accepted(more).subset(&["x", "y"]).expect("they are there");
    assert_eq!(part.components.keys().collect::<Vec<_>>(), ["x", "y"]);
    let x = &part.components["x"];
    assert_eq!(x.allowed_outbound_hosts, ["http://y.spin.internal", "https://a"]);
    let routed: Vec<_> = part.triggers.iter().filter_map(|it| it.component()).collect();
    assert_eq!(routed, ["x", "y"]);

    let everything = Route::Pattern(RoutePattern::parse("/y").expect("a route"));
    part.publish("y", everything.clone()).expect("it is there");
    let of_y: Vec<_> = part
        .triggers
        .iter()
        .filter(|it| it.component() == Some("y"))
        .collect();
    assert!(of_y.len() == 1 && of_y[0].route == everything, "{of_y:?}");
    part.set_component_variable("y", "mode", "on")
        .expect("it is there");
    assert_eq!(part.components["y"].variables["mode"], "on");

    for unknown in [
        part.clone().subset(&["x", "z"]).map(drop),
        part.clone().publish("z", Route::Private),
        part.set_component_variable("z", "mode", "on"),
    ] {
        let error = unknown.expect_err("z is left out").to_string();
        assert!(
            error.contains("component.z") && error.contains("hint: "),
            "{error}"
        );
    }
}

#[test]
fn refuses_files_that_are_no_manifest() {
    let error = load(Path::new("/nowhere/spin.toml"), None)
        .expect_err("refused")
        .to_string();
    assert!(error.contains("--from"), "{error}");
    refused("a = 1\nb = [", &["line 2", "not valid TOML"]);
    refused("", &["spin_manifest_version: missing"]);
    refused("spin_manifest_version = 1", &["only version 2"]);
    refused("spin_manifest_version = 2", &["application: missing"]);
    refused(
        "spin_manifest_version = 2\n[application]\n",
        &["application.name: missing"],
    );
    refused(HEAD, &["trigger: missing"]);
}

#[test]
fn refuses_unknown_keys_by_name() {
    refused(
        &format!("foo = 1\n{HEAD}{BODY}"),
        &["foo: unknown key", "known here: "],
    );
    refused(
        &format!("{HEAD}foo = 1\n{BODY}"),
        &["application.foo: unknown key"],
    );
    refused(
        &format!("{HEAD}{BODY}[[trigger.http]]\ncomponent = \"x\"\nroute = \"/a\"\nfoo = 1\n"),
        &["trigger.http[1].foo"],
    );
    refused(
        &format!("{HEAD}{BODY}[trigger.foo]\n"),
        &["trigger.foo: unknown key"],
    );
    for (extra, key) in [
        ("foo = 1", "component.x.foo: unknown key"),
        ("tool.gyre.foo = 1", "component.x.tool.gyre.foo"),
        ("profile.p.foo = 1", "component.x.profile.p.foo"),
        (
            "dependencies.\"a:b\" = { path = \"p\", foo = 1 }",
            "component.x.dependencies.\"a:b\".foo",
        ),
        (
            "files = [{ source = \"a\", destination = \"/a\", foo = 1 }]",
            "component.x.files[0].foo",
        ),
        ("[variables]\nv = { default = \"\", foo = 1 }", "variables.v.foo"),
    ] {
        refused_in_component(extra, &[key]);
    }
}
