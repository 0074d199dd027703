//! Leaves written for the purpose: good ones, and one for each way to be bad.

use gyre_describe::{Effects, Error, Frozen, FrozenTools, describe, describe_within, digest, freeze};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A leaf of `gyre:tool` whose `describe` has this body, over this memory.
fn leaf(describe: &str, memory: &str) -> Vec<u8> {
    let mut module = wat::parse_str(format!(
        r#"(module
            {memory}
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "gyre:tool/tool@0.1.0#describe") (result i32) {describe})
            (func (export "gyre:tool/tool@0.1.0#call")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32) unreachable))"#
    ))
    .expect("a module");
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/tool/tool.wit");
    let wit = std::fs::read_to_string(wit).expect("wit/tool");
    let mut resolve = Resolve::default();
    let package = resolve.push_str("tool.wit", &wit).expect("a package");
    let world = resolve.select_world(&[package], Some("leaf")).expect("a world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).expect("embedded");
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).expect("a module");
    encoder.encode().expect("a component")
}

/// What a leaf says of a tool.
#[derive(Clone, Copy)]
struct Said<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a str,
    output_schema: Option<&'a str>,
}

const GOOD: Said<'static> = Said {
    name: "add",
    description: "Adds.",
    input_schema: r#"{"type":"object"}"#,
    output_schema: None,
};

/// A leaf that says this of a tool that writes, `times` times.
fn describing(said: Said<'_>, times: usize) -> Vec<u8> {
    let texts = [
        said.name,
        said.description,
        said.input_schema,
        said.output_schema.unwrap_or_default(),
    ];
    let (mut place, mut data, mut places) = (4096, String::new(), Vec::new());
    for text in texts {
        let bytes: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        data.push_str(&format!("(data (i32.const {place}) \"{bytes}\")"));
        places.extend([place, text.len()]);
        place += text.len();
    }
    // The option's mark comes before its text, the effects come last.
    places.insert(6, usize::from(said.output_schema.is_some()));
    places.push(2);
    let words = |words: &[usize]| -> String {
        let bytes = words
            .iter()
            .flat_map(|word| u32::try_from(*word).expect("short").to_le_bytes());
        bytes.map(|byte| format!("\\{byte:02x}")).collect()
    };
    let memory = format!(
        r#"(memory (export "memory") 4) {data}
           (data (i32.const 16) "{}") (data (i32.const 32) "{}")"#,
        words(&[32, times]),
        words(&places).repeat(times)
    );
    leaf("i32.const 16", &memory)
}

const MEMORY: &str = r#"(memory (export "memory") 1)"#;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    }
}

#[tokio::test]
async fn a_leaf_is_described_with_its_digest() {
    let wasm = describing(GOOD, 1);
    let file = Folder::new();
    let tools = describe(&file.put("tool_sum.wasm", &wasm))
        .await
        .expect("described");
    assert_eq!(tools.component, "tool-sum");
    assert_eq!(tools.digest, digest(&wasm));
    assert_eq!(tools.tools.len(), 1);
    assert_eq!(
        (tools.tools[0].name.as_str(), tools.tools[0].effects),
        ("add", Effects::Writes)
    );
    assert_eq!(
        digest(b"abc"),
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[tokio::test]
async fn each_bad_leaf_is_told_by_name_and_with_the_cure() {
    let folder = Folder::new();
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("text", b"hello".to_vec(), "is no WebAssembly component"),
        (
            "module",
            wat::parse_str("(module)").expect("a module"),
            "is no WebAssembly component",
        ),
        (
            "other",
            wat::parse_str("(component)").expect("a component"),
            "exports no gyre:tool/tool@0.1.0",
        ),
        ("trap", leaf("unreachable", MEMORY), "failed: "),
        ("wild", leaf("i32.const -4", MEMORY), "failed: "),
        (
            "greedy",
            leaf("unreachable", r#"(memory (export "memory") 2000)"#),
            "failed: ",
        ),
        ("silent", leaf("i32.const 16", MEMORY), "describes 0 tools"),
        ("twice", describing(GOOD, 2), "`add` twice"),
    ];
    for (name, wasm, said) in cases {
        let error = describe(&folder.put(name, wasm))
            .await
            .expect_err(name)
            .to_string();
        let place = folder.0.path().join(name).display().to_string();
        assert!(
            error.contains(said) && error.contains(&place) && error.contains("; hint: "),
            "{name}: {error}"
        );
        assert!(!error.contains('\n'), "{name}: {error}");
    }
    let error = describe(&folder.0.path().join("absent"))
        .await
        .expect_err("absent");
    assert!(matches!(error, Error::Read { .. }), "{error}");
}

#[tokio::test]
async fn each_rule_for_specs_has_a_failing_case() {
    let folder = Folder::new();
    let (long_name, long_text) = ("a".repeat(65), "a".repeat(4097));
    let long_schema = format!(r#"{{"type":"object","title":"{}"}}"#, "a".repeat(32 << 10));
    let array = Some(r#"{"type":"array"}"#);
    for (said, expected) in [
        (Said { name: "", ..GOOD }, "no name for a tool"),
        (Said { name: "a b", ..GOOD }, "`a b` is no name"),
        (
            Said {
                name: &long_name,
                ..GOOD
            },
            "is no name",
        ),
        (
            Said {
                description: " ",
                ..GOOD
            },
            "description of the tool `add`",
        ),
        (
            Said {
                description: &long_text,
                ..GOOD
            },
            "has 4097 bytes",
        ),
        (
            Said {
                input_schema: "{",
                ..GOOD
            },
            "input schema of the tool `add`",
        ),
        (
            Said {
                input_schema: "[]",
                ..GOOD
            },
            "input schema",
        ),
        (
            Said {
                input_schema: &long_schema,
                ..GOOD
            },
            "has 32796 bytes",
        ),
        (
            Said {
                output_schema: array,
                ..GOOD
            },
            "output schema",
        ),
    ] {
        let file = folder.put("tool_bad.wasm", describing(said, 1));
        let error = describe(&file).await.expect_err(expected).to_string();
        assert!(error.contains(expected) && error.contains("; hint: "), "{error}");
    }
}

#[tokio::test]
async fn a_good_spec_is_taken_as_it_is() {
    let folder = Folder::new();
    let output_schema = Some(r#"{"type":"object"}"#);
    let file = folder.put(
        "tool_good.wasm",
        describing(
            Said {
                output_schema,
                ..GOOD
            },
            1,
        ),
    );
    let described = describe(&file).await.expect("good");
    let expected = serde_json::json!([{
        "name": "add", "description": "Adds.", "input_schema": { "type": "object" },
        "output_schema": { "type": "object" }, "effects": "writes",
    }]);
    assert_eq!(serde_json::json!(described.tools), expected);
}

#[tokio::test]
async fn a_leaf_that_computes_for_ever_is_stopped() {
    let folder = Folder::new();
    let wasm = leaf("(loop $again (br $again)) unreachable", MEMORY);
    let stopped = describe_within(&folder.put("t.wasm", wasm), Duration::from_millis(50)).await;
    assert!(
        matches!(stopped, Err(Error::Timeout { limit_ms: 50, .. })),
        "{stopped:?}"
    );
}

#[tokio::test]
async fn a_frozen_file_is_written_when_the_leaf_or_the_file_changed() {
    let folder = Folder::new();
    let out = folder.0.path().join("deep/tools");
    let wasm = folder.put("tool_sum.wasm", describing(GOOD, 1));
    let read = |file: &Path| -> FrozenTools {
        serde_json::from_slice(&std::fs::read(file).expect("a file")).expect("frozen tools")
    };
    let frozen = freeze(&wasm, &out).await.expect("frozen");
    assert_eq!(
        frozen,
        Frozen {
            file: out.join("tool-sum.json"),
            written: true
        }
    );
    assert_eq!(read(&frozen.file), describe(&wasm).await.expect("described"));
    assert!(!freeze(&wasm, &out).await.expect("again").written);
    folder.put("tool_sum.wasm", describing(Said { name: "plus", ..GOOD }, 1));
    assert!(freeze(&wasm, &out).await.expect("changed").written);
    assert_eq!(read(&frozen.file).tools[0].name, "plus");
    std::fs::write(&frozen.file, "{").expect("a broken file");
    assert!(freeze(&wasm, &out).await.expect("mended").written);
    assert_eq!(
        std::fs::read_dir(&out).expect("a folder").count(),
        1,
        "no part is left behind"
    );
}

#[tokio::test]
async fn what_cannot_be_frozen_leaves_no_file() {
    let folder = Folder::new();
    let out = folder.0.path().join("tools");
    for name in ["sum.wasm", "tool_.wasm", "Tool_sum.wasm"] {
        let error = freeze(&folder.put(name, describing(GOOD, 1)), &out)
            .await
            .expect_err(name);
        assert!(matches!(error, Error::Name { .. }), "{error}");
    }
    let broken = folder.put("tool_broken.wasm", leaf("unreachable", MEMORY));
    assert!(freeze(&broken, &out).await.is_err());
    assert!(!out.exists(), "nothing is written");
    // Under a file, not even root can make a folder.
    let good = folder.put("tool_sum.wasm", describing(GOOD, 1));
    let error = freeze(&good, &good.join("tools"))
        .await
        .expect_err("a file is no folder");
    assert!(matches!(error, Error::Write { .. }), "{error}");
}
