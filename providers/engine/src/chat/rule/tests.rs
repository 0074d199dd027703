use std::process::Command;

use gyre_gguf::tiny;
use llama_cpp_2::json_schema_to_grammar;
use llama_cpp_2::model::params::LlamaModelParams;

use super::*;

/// What a user wrote and nobody is to read.
const PRIVATE: &str = "my-diagnosis";
const SAID: &str = "standard error is back";

/// llama.cpp speaks to the standard error of the whole process, so this is a process of its own.
#[test]
fn a_grammar_that_llama_cpp_cannot_read_is_not_printed() {
    let output = Command::new(std::env::current_exe().expect("this test"))
        .args([
            "--exact",
            "chat::rule::tests::reads_what_is_wrong",
            "--ignored",
            "--nocapture",
        ])
        .output()
        .expect("runs");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains(SAID), "{printed}");
    assert!(!printed.contains(PRIVATE), "{printed}");
}

#[test]
#[ignore = "the other test runs it"]
fn reads_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.gguf");
    tiny::random_llama(7, &path).expect("writes");
    let model =
        LlamaModel::load_from_file(crate::chat::llama(), &path, &LlamaModelParams::default()).expect("loads");
    for gbnf in [
        format!("root ::= \"{PRIVATE}"),
        format!("root ::= {PRIVATE}"),
        format!("root ::= \"{PRIVATE}\"{{9000}}"),
        format!("root ::= ( \"{PRIVATE}\""),
    ] {
        let grammar = Grammar { gbnf, opening: None };
        let refused = Rule::new(&model, grammar).err().expect("no grammar");
        assert!(!refused.to_string().contains(PRIVATE), "{refused}");
    }
    // Said of what is no pattern to llama.cpp; such schemas are refused before, as far as is known.
    let schema = format!(r#"{{"type":"string","pattern":"{PRIVATE}"}}"#);
    quiet::quietly(|| json_schema_to_grammar(&schema))
        .expect("is quiet")
        .expect("any string");
    eprintln!("{SAID}");
}
