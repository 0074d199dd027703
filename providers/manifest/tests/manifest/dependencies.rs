//! Leaves.

use crate::support::{accepted, refused_in_component};
use gyre_manifest::{Category, DependencyKey, Inherit};

#[test]
fn reads_dependencies() {
    let app = accepted(
        "dependencies.\"a:b@1.0.0\" = { path = \"b.wasm\", inherit_configuration = true }\n\
         dependencies.\"a:c/d\" = { component = \"leaf\", inherit_configuration = [\"variables\"] }\n\
         [component.leaf]\nsource = \"leaf.wasm\"\n",
    );
    let dependencies = &app.components["x"].dependencies;
    assert!(
        Category::ALL
            .into_iter()
            .all(|c| dependencies["a:b@1.0.0"].inherit.contains(c))
    );
    let leaf = &dependencies["a:c/d"];
    let file = leaf.source.file().expect("a file");
    assert!(file.ends_with("leaf.wasm") && file.is_absolute());
    assert!(leaf.inherit.contains(Category::Variables) && !leaf.inherit.contains(Category::Files));
}

#[test]
fn refuses_wrong_dependencies() {
    for (extra, expected) in [
        (
            "dependencies.b_c = { path = \"p\" }",
            "component.x.dependencies.b_c: not the name",
        ),
        (
            "dependencies.\"a:b\" = {}",
            "must have one of `path`, `component` and `url`",
        ),
        (
            "dependencies.\"a:b\" = { path = \"p\", component = \"y\" }",
            "must have one of",
        ),
        (
            "dependencies.\"a:b\" = { path = \"p\", export = \"e:f/g\" }",
            "dependencies.\"a:b\".export: one export cannot serve a whole package",
        ),
        (
            "dependencies_inherit_configuration = false\ndependencies.\"a:b\" = { path = \"p\", inherit_configuration = true }",
            "component.x.dependencies_inherit_configuration: it and component.x.dependencies.\"a:b\".inherit_configuration exclude",
        ),
        (
            "dependencies.\"a:b\" = { component = \"y\" }\n[component.y]\nsource = \"y\"\nfiles = [\"a\"]",
            "component `y` has `files` of its own",
        ),
        (
            "dependencies.\"a:b\" = { component = \"y\" }",
            "there is no component `y`",
        ),
        (
            "dependencies.\"a:b\" = { path = \"p\", inherit_configuration = [\"sqlite\"] }",
            "`sqlite` is not something to inherit",
        ),
        (
            "dependencies = { \"a:b/c\" = { path = \"p\" }, \"a:b\" = { path = \"p\" } }",
            "it and \"a:b\" could serve the same import",
        ),
        (
            "dependencies.\"a:b\" = { component = \"y\" }\n[component.y]\nsource = \"y\"\nai_models = [\"m\"]",
            "component `y` has `ai_models` of its own",
        ),
        (
            "dependencies.\"a:b\" = { component = \"y\" }\n[component.y]\nsource = \"y\"\ntool.gyre.local_models = true",
            "component `y` has `tool.gyre.local_models` of its own",
        ),
        (
            "dependencies.\"a:b\" = { component = \"y\" }\n[component.y]\nsource = \"y\"\ndependencies.\"a:c\" = { path = \"p\" }",
            "component `y` has `dependencies` of its own",
        ),
    ] {
        refused_in_component(extra, &[expected]);
    }
}

#[test]
fn keys_cover_imports() {
    for (key, import, expected) in [
        ("a:b", "a:b/c@1.0.0", true),
        ("a:b", "a:bc/c@1.0.0", false),
        ("a:b@1.0.0", "a:b/c@1.0.0", true),
        ("a:b@1.0.0", "a:b/c@1.0.1", false),
        ("a:b/c@1.0.0", "a:b/c@1.0.0", true),
        ("a:b/c", "a:b/d@1.0.0", false),
    ] {
        let parsed = DependencyKey::parse(key).expect("a key");
        assert_eq!(parsed.covers(import), expected, "{key} on {import}");
    }
}

#[test]
fn an_export_may_have_another_name() {
    let app = accepted(
        "[component.x.dependencies]\n\"a:b/c\" = { path = \"p\", export = \"e:f/g@1.0.0\" }\n\"a:b/d\" = { path = \"q\" }\n\
         plain = { path = \"r\", export = \"other\" }\n",
    );
    let dependencies = &app.components["x"].dependencies;
    assert_eq!(dependencies["a:b/c"].export.as_deref(), Some("e:f/g@1.0.0"));
    assert_eq!(dependencies["a:b/d"].export, None);
    assert_eq!(dependencies["plain"].export.as_deref(), Some("other"));
}

#[test]
fn configuration_may_be_inherited_by_all_leaves() {
    for (all, expected) in [
        ("", Inherit::default()),
        ("dependencies_inherit_configuration = false", Inherit::default()),
        ("dependencies_inherit_configuration = true", Inherit::all()),
    ] {
        let app = accepted(&format!("{all}\ndependencies.\"a:b\" = {{ path = \"p\" }}\n"));
        assert_eq!(app.components["x"].dependencies["a:b"].inherit, expected, "{all}");
    }
}
