//! Exports of other names, plain imports, sources that are not here.

use crate::support::{Fixture, accepted, dependency, parent, refused};
use gyre_manifest::{Component, Dependency, RemoteFile, Source};
use std::path::Path;

fn with_export(parent_file: &Path, key: &str, leaf: &Path, export: &str) -> Component {
    let leaf = Dependency {
        export: Some(export.to_owned()),
        ..dependency(leaf, &[])
    };
    Component {
        dependencies: [(key.to_owned(), leaf)].into(),
        ..Component::new("x", parent_file.to_owned().into())
    }
}

#[test]
fn an_export_of_another_name_may_serve_an_import() {
    let fixture = Fixture::new();
    let parent = fixture.component("parent", "import other:thing/things@0.1.0; export run: func();");
    let leaf = fixture.component(
        "leaf",
        "export other:thing/stuff@0.1.0; export other:thing/wrong@0.1.0;",
    );
    let key = "other:thing/things";
    let composed = accepted(&with_export(&parent, key, &leaf, "other:thing/stuff@0.1.0"));
    assert_eq!(composed.imports, Vec::<String>::new());
    refused(
        &with_export(&parent, key, &leaf, "other:thing/nothing@0.1.0"),
        &[
            "the leaf has no export other:thing/nothing@0.1.0",
            "this one exports: other:thing/stuff@0.1.0",
        ],
    );
    refused(
        &with_export(&parent, key, &leaf, "other:thing/wrong@0.1.0"),
        &["other:thing/wrong@0.1.0 has another type"],
    );
}

#[test]
fn an_import_without_a_package_may_be_served() {
    let fixture = Fixture::new();
    let file = fixture.component(
        "parent",
        "import plain: interface { thing: func(); } export run: func();",
    );
    let same = fixture.component("same", "export plain: interface { thing: func(); }");
    let composed = accepted(&parent(file.clone(), &[("plain", same, &[])]));
    assert_eq!(composed.imports, Vec::<String>::new());
    let other = fixture.component("other", "export other:thing/stuff@0.1.0;");
    let composed = accepted(&with_export(&file, "plain", &other, "other:thing/stuff@0.1.0"));
    assert_eq!(composed.imports, Vec::<String>::new());
}

#[test]
fn interfaces_of_one_package_may_have_leaves_of_their_own() {
    let fixture = Fixture::new();
    let file = fixture.component(
        "parent",
        "import other:thing/things@0.1.0; import other:thing/stuff@0.1.0; export run: func();",
    );
    let things = fixture.component("things", "export other:thing/things@0.1.0;");
    let stuff = fixture.component("stuff", "export other:thing/stuff@0.1.0;");
    let leaves = [
        ("other:thing/things", things, &[][..]),
        ("other:thing/stuff", stuff, &[]),
    ];
    assert_eq!(accepted(&parent(file, &leaves)).imports, Vec::<String>::new());
}

#[test]
fn what_is_not_fetched_is_not_composed() {
    let remote = Source::Url(RemoteFile {
        url: "https://a/x.wasm".to_owned(),
        sha256: String::new(),
    });
    refused(
        &Component::new("x", remote),
        &["component.x.source: https://a/x.wasm has not been fetched"],
    );
}
