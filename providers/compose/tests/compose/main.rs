//! Components made from WIT texts, composed and refused.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use gyre_compose::{Composed, Error, compose};
use gyre_manifest::{Category, Component, Dependency, Inherit, InstancePolicy, Limits};
use tempfile::TempDir;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

const KEY: &str = "gyre:inference";

/// Host interfaces as far as these tests need them.
const HOST: &str = r"
package test:all;

package wasi:cli@0.2.6 {
    interface environment {
        get-environment: func() -> list<tuple<string, string>>;
        get-arguments: func() -> list<string>;
        initial-cwd: func() -> option<string>;
    }
}
package wasi:filesystem@0.2.6 {
    interface types {
        resource descriptor { sync: func() -> bool; }
    }
    interface preopens {
        use types.{descriptor};
        get-directories: func() -> list<tuple<descriptor, string>>;
    }
}
package wasi:sockets@0.2.6 {
    interface tcp-create-socket { make: func() -> u32; }
}
package spin:sqlite@3.1.0 {
    interface sqlite { resource connection { open: static func() -> connection; } }
}
package other:thing@0.1.0 {
    interface things { thing: func(); }
}
";

struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// Makes a component that has this world and does nothing.
    fn component(&self, name: &str, world: &str) -> PathBuf {
        self.component_with(name, world, |wit| wit)
    }

    /// The same, after changing the text of wit/inference.
    fn component_with(&self, name: &str, world: &str, change: impl Fn(String) -> String) -> PathBuf {
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/inference/inference.wit");
        let wit = change(std::fs::read_to_string(wit).expect("wit/inference"));
        let mut resolve = Resolve {
            all_features: true,
            ..Resolve::default()
        };
        resolve.push_str("inference.wit", &wit).expect("a package");
        let text = format!("{HOST}\nworld w {{ {world} }}\n");
        let package = resolve.push_str("test.wit", &text).expect("a world");
        let world = resolve.select_world(&[package], Some("w")).expect("a world");
        let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
            .expect("embedded");
        let mut encoder = ComponentEncoder::default();
        encoder.module(&module).expect("a module");
        encoder.validate(true);
        let path = self.folder.path().join(format!("{name}.wasm"));
        std::fs::write(&path, encoder.encode().expect("encoded")).expect("written");
        path
    }

    fn shell(&self) -> PathBuf {
        self.component(
            "shell",
            "include gyre:inference/shell@0.1.0; export run: async func(s: stream<string>);",
        )
    }

    fn leaf(&self, imports: &str) -> PathBuf {
        self.component("leaf", &format!("include gyre:inference/leaf@0.1.0; {imports}"))
    }
}

fn parent(source: PathBuf, dependencies: &[(&str, PathBuf, &[Category])]) -> Component {
    let dependencies = dependencies.iter().map(|(key, source, inherit)| {
        let inherit: Inherit = inherit.iter().copied().collect();
        (
            (*key).to_owned(),
            Dependency {
                source: source.clone(),
                inherit,
            },
        )
    });
    Component {
        id: "x".to_owned(),
        source,
        variables: BTreeMap::new(),
        environment: BTreeMap::new(),
        files: Vec::new(),
        allowed_outbound_hosts: Vec::new(),
        key_value_stores: Vec::new(),
        sqlite_databases: Vec::new(),
        ai_models: Vec::new(),
        local_models: false,
        dependencies: dependencies.collect(),
        limits: Limits::DEFAULT,
        instance: InstancePolicy::Fresh,
        tick_ms: None,
    }
}

#[track_caller]
fn accepted(component: &Component) -> Composed {
    compose(component).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn refused(component: &Component, expected: &[&str]) {
    let error: Error = compose(component).expect_err("refused");
    let text = error.to_string();
    for part in expected {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    assert!(text.contains("hint: "), "no hint in: {text}");
}

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
        ["wasi:cli/environment@0.2.6", "wasi:filesystem/types@0.2.6"]
    );

    let alone = fixture.shell();
    let denied = accepted(&parent(alone.clone(), &[(KEY, leaf.clone(), &[])]));
    assert_eq!(denied.imports, ["wasi:filesystem/types@0.2.6"]);

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
fn a_leaf_may_not_open_sockets_or_have_leaves() {
    let fixture = Fixture::new();
    let shell = fixture.shell();
    let all = &Category::ALL[..];
    let leaf = fixture.leaf("import wasi:sockets/tcp-create-socket@0.2.6;");
    refused(
        &parent(shell.clone(), &[(KEY, leaf, all)]),
        &["a leaf may not open sockets"],
    );
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
