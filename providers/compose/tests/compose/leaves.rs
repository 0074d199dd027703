//! Leaves, composed and refused.

use crate::support::{Fixture, KEY, accepted, parent, refused};
use gyre_manifest::Category;

#[test]
fn plugs_streams_and_async_functions_by_every_form_of_key() {
    let fixture = Fixture::new();
    let (shell, leaf) = (fixture.shell(), fixture.leaf(""));
    for key in [KEY, "gyre:inference@0.1.0"] {
        let composed = accepted(&parent(shell.clone(), &[(key, leaf.clone(), &[])]));
        assert_eq!(composed.imports, Vec::<String>::new(), "{key}");
    }
    let chat_only = fixture.component("chat", "import gyre:inference/chat@0.1.0; export run: func();");
    for key in ["gyre:inference/chat", "gyre:inference/chat@0.1.0"] {
        let composed = accepted(&parent(chat_only.clone(), &[(key, leaf.clone(), &[])]));
        assert_eq!(composed.imports, Vec::<String>::new(), "{key}");
    }
}

#[test]
fn equal_inputs_give_equal_bytes() {
    let fixture = Fixture::new();
    let imports = "import wasi:cli/environment@0.2.6; import wasi:filesystem/preopens@0.2.6;";
    let component = parent(fixture.shell(), &[(KEY, fixture.leaf(imports), &[])]);
    assert_eq!(accepted(&component).bytes, accepted(&component).bytes);
}

#[test]
fn a_component_without_leaves_is_left_as_it_is() {
    let fixture = Fixture::new();
    let source = fixture.component("alone", "import wasi:cli/environment@0.2.6; export run: func();");
    let composed = accepted(&parent(source.clone(), &[]));
    assert_eq!(composed.bytes, std::fs::read(source).expect("the file"));
    assert_eq!(composed.imports, ["wasi:cli/environment@0.2.6"]);
}

#[test]
fn a_leaf_sees_no_environment_and_no_files_unless_it_inherits_them() {
    let fixture = Fixture::new();
    let leaf = fixture.leaf("import wasi:cli/environment@0.2.6; import wasi:filesystem/preopens@0.2.6;");
    let shell = fixture.component(
        "shell",
        "include gyre:inference/shell@0.1.0; import wasi:cli/environment@0.2.6; export run: func();",
    );
    let denied = accepted(&parent(shell, &[(KEY, leaf.clone(), &[])]));
    assert_eq!(
        denied.imports,
        [
            "gyre:denied/environment@0.2.6",
            "gyre:denied/preopens@0.2.6",
            "wasi:cli/environment@0.2.6",
            "wasi:filesystem/types@0.2.6"
        ]
    );

    let alone = fixture.shell();
    let denied = accepted(&parent(alone.clone(), &[(KEY, leaf.clone(), &[])]));
    assert_eq!(
        denied.imports,
        [
            "gyre:denied/environment@0.2.6",
            "gyre:denied/preopens@0.2.6",
            "wasi:filesystem/types@0.2.6"
        ]
    );

    let given = accepted(&parent(
        alone,
        &[(KEY, leaf, &[Category::Environment, Category::Files])],
    ));
    let expected = [
        "wasi:cli/environment@0.2.6",
        "wasi:filesystem/preopens@0.2.6",
        "wasi:filesystem/types@0.2.6",
    ];
    assert_eq!(given.imports, expected);
}

#[test]
fn a_leaf_must_inherit_a_capability() {
    let fixture = Fixture::new();
    let leaf = fixture.leaf("import spin:sqlite/sqlite@3.1.0;");
    let shell = fixture.shell();
    let composed = accepted(&parent(
        shell.clone(),
        &[(KEY, leaf.clone(), &[Category::SqliteDatabases])],
    ));
    assert_eq!(composed.imports, ["spin:sqlite/sqlite@3.1.0"]);
    refused(
        &parent(shell, &[(KEY, leaf, &[Category::Variables])]),
        &[
            "component.x.dependencies.\"gyre:inference\"",
            "leaf.wasm imports spin:sqlite/sqlite@3.1.0",
            "inherit_configuration = [\"sqlite_databases\"]",
        ],
    );
}

#[test]
fn some_powers_no_leaf_has_whatever_it_inherits() {
    let fixture = Fixture::new();
    let shell = fixture.shell();
    let all = &Category::ALL[..];
    for (import, expected) in [
        (
            "wasi:sockets/tcp-create-socket@0.2.6",
            "a leaf may not open sockets",
        ),
        ("wasi:sockets/types@0.3.0", "a leaf may not open sockets"),
        ("wasi:otel/logs@0.2.0-rc.2", "a leaf may not send telemetry"),
    ] {
        let leaf = fixture.leaf(&format!("import {import};"));
        refused(&parent(shell.clone(), &[(KEY, leaf, all)]), &[import, expected]);
    }
    let leaf = fixture.leaf("import other:thing/things@0.1.0;");
    refused(
        &parent(shell, &[(KEY, leaf, all)]),
        &["imports other:thing/things@0.1.0", "one level deep"],
    );
}

#[test]
fn an_import_that_nothing_satisfies_is_refused() {
    let fixture = Fixture::new();
    let expected = [
        "component.x.dependencies: nothing satisfies the import gyre:inference/",
        "add \"gyre:inference\" =",
    ];
    refused(&parent(fixture.shell(), &[]), &expected);
    let chat = fixture.leaf("");
    refused(
        &parent(fixture.shell(), &[("gyre:inference/chat", chat, &[])]),
        &["nothing satisfies the import gyre:inference/embedding@0.1.0"],
    );
}

#[test]
fn a_leaf_that_does_not_fit_is_refused() {
    let fixture = Fixture::new();
    let shell = fixture.shell();
    let chat = fixture.component("chat", "export gyre:inference/chat@0.1.0;");
    refused(
        &parent(shell.clone(), &[(KEY, chat.clone(), &[])]),
        &[
            "imports gyre:inference/embedding@0.1.0, which the leaf does not export",
            "this one exports: ",
        ],
    );
    refused(
        &parent(shell.clone(), &[("gyre:inference@0.2.0", chat.clone(), &[])]),
        &[
            "the component imports nothing of that name",
            "gyre:inference/chat@0.1.0",
        ],
    );
    let idle = fixture.component("idle", "export run: func();");
    refused(
        &parent(idle, &[(KEY, chat, &[])]),
        &["the component needs no leaf"],
    );

    let newer = fixture.component_with("newer", "include gyre:inference/leaf@0.2.0;", |wit| {
        wit.replace("gyre:inference@0.1.0", "gyre:inference@0.2.0")
    });
    refused(
        &parent(shell.clone(), &[(KEY, newer, &[])]),
        &["imports gyre:inference/chat@0.1.0, the leaf exports gyre:inference/chat@0.2.0"],
    );
    let other = fixture.component_with("other", "include gyre:inference/leaf@0.1.0;", |wit| {
        wit.replace("completion-tokens: u32", "completion-tokens: u64")
    });
    refused(
        &parent(shell, &[(KEY, other, &[])]),
        &["gyre:inference/chat@0.1.0 has another type"],
    );
}

#[test]
fn files_that_are_no_component_are_refused() {
    let fixture = Fixture::new();
    let missing = fixture.folder.path().join("missing.wasm");
    refused(
        &parent(missing.clone(), &[]),
        &["component.x.source: cannot read", "xtask build"],
    );
    refused(
        &parent(fixture.shell(), &[(KEY, missing, &[])]),
        &["component.x.dependencies.\"gyre:inference\": cannot"],
    );
    let broken = fixture.folder.path().join("broken.wasm");
    for bytes in [&b""[..], b"text", b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0\xff"] {
        std::fs::write(&broken, bytes).expect("written");
        refused(
            &parent(broken.clone(), &[]),
            &["is not a WebAssembly component", "wasm32-wasip2"],
        );
    }
}
