//! Components made from WIT texts.

use std::path::{Path, PathBuf};

use gyre_compose::{Composed, Error, compose};
use gyre_manifest::{Category, Component, Dependency};
use tempfile::TempDir;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

pub(crate) const KEY: &str = "gyre:inference";

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
package wasi:sockets@0.3.0 {
    interface types { resource tcp-socket { make: static func() -> tcp-socket; } }
}
package wasi:otel@0.2.0-rc.2 {
    interface logs { log: func(); }
}
package wasi:http@0.3.0 {
    interface types { resource request { path: func() -> string; } }
    interface handler {
        use types.{request};
        handle: func(request: request) -> string;
    }
    interface client { send: func(); }
}
package spin:sqlite@3.1.0 {
    interface sqlite { resource connection { open: static func() -> connection; } }
}
package other:thing@0.1.0 {
    interface things { thing: func(); }
    interface stuff { thing: func(); }
    interface wrong { thing: func() -> u32; }
}
";

pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// Makes a component that has this world and does nothing.
    pub(crate) fn component(&self, name: &str, world: &str) -> PathBuf {
        self.component_with(name, world, |wit| wit)
    }

    /// The same, after changing the text of wit/inference.
    pub(crate) fn component_with(
        &self,
        name: &str,
        world: &str,
        change: impl Fn(String) -> String,
    ) -> PathBuf {
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

    pub(crate) fn shell(&self) -> PathBuf {
        self.component(
            "shell",
            "include gyre:inference/shell@0.1.0; export run: async func(s: stream<string>);",
        )
    }

    pub(crate) fn leaf(&self, imports: &str) -> PathBuf {
        self.component("leaf", &format!("include gyre:inference/leaf@0.1.0; {imports}"))
    }
}

pub(crate) fn parent(source: PathBuf, dependencies: &[(&str, PathBuf, &[Category])]) -> Component {
    let dependencies = dependencies
        .iter()
        .map(|(key, source, inherit)| ((*key).to_owned(), dependency(source, inherit)));
    Component {
        dependencies: dependencies.collect(),
        ..Component::new("x", source.into())
    }
}

pub(crate) fn dependency(source: &Path, inherit: &[Category]) -> Dependency {
    Dependency {
        source: source.to_owned().into(),
        export: None,
        inherit: inherit.iter().copied().collect(),
    }
}

#[track_caller]
pub(crate) fn accepted(component: &Component) -> Composed {
    compose(component).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
pub(crate) fn refused(component: &Component, expected: &[&str]) {
    let error: Error = compose(component).expect_err("refused");
    let text = error.to_string();
    for part in expected {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    assert!(text.contains("hint: "), "no hint in: {text}");
}
