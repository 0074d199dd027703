//! Model files that are known to abort llama.cpp, or to be able to: each is refused, and the worker lives.

use crate::aborts::{complete, lives};
use crate::{Models, request};
use gyre_engine_ipc::{Engine, EngineError};
use gyre_gguf::tiny;
use std::path::Path;

/// A template comes with a file from elsewhere: its steps and what it writes are bounded.
#[tokio::test(flavor = "multi_thread")]
async fn templates_without_end() {
    let models = Models::new();
    let path = models.folder.path().join("odd.gguf");
    for template in [
        "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set big = 'x' * 1000000 %}{% for i in range(99999) %}{{ big }}{% endfor %}",
    ] {
        tiny::random_llama_with_template(1, template, &path).expect("writes");
        let engine = Engine::start(models.config());
        let error = complete(&engine, "odd", request("x", 3))
            .await
            .expect_err(template);
        assert!(
            matches!(error.kind(), "invalid" | "model-invalid"),
            "{template}: {error}"
        );
        lives(&engine).await;
    }
}

/// Numbers of a header that llama.cpp divides by, allocates for or indexes with.
#[tokio::test(flavor = "multi_thread")]
async fn headers_of_absurd_numbers() {
    let models = Models::new();
    let path = models.folder.path().join("odd.gguf");
    let mut deaths = Vec::new();
    for (key, numbers) in [
        ("llama.attention.head_count", &[0, 3, 1_000_000, u32::MAX][..]),
        ("llama.attention.head_count_kv", &[0, 3, 5, u32::MAX]),
        ("llama.block_count", &[0, 3, 1_000_000, u32::MAX]),
        ("llama.embedding_length", &[0, 63, 1 << 31, u32::MAX]),
        ("llama.feed_forward_length", &[0, 95, u32::MAX]),
        ("llama.context_length", &[0, 1, u32::MAX]),
        ("llama.rope.dimension_count", &[0, 15, 1_000_000, u32::MAX]),
        ("llama.vocab_size", &[0, 1, u32::MAX]),
        ("tokenizer.ggml.bos_token_id", &[100_000, u32::MAX]),
        ("tokenizer.ggml.eos_token_id", &[100_000, u32::MAX]),
        ("tokenizer.ggml.unknown_token_id", &[100_000, u32::MAX]),
    ] {
        for number in numbers {
            tiny::random_llama(1, &path).expect("writes");
            patch(&path, key, *number);
            let engine = Engine::start(models.config());
            let outcome = complete(&engine, "odd", request("x", 3)).await;
            let kind = outcome.as_ref().err().map(EngineError::kind);
            if kind != Some("worker-died") {
                lives(&engine).await;
            }
            println!("{key} = {number}: {kind:?}");
            if matches!(kind, Some("worker-died" | "internal")) {
                deaths.push(format!("{key} = {number}"));
                continue;
            }
            assert!(
                matches!(
                    kind,
                    None | Some("model-invalid" | "context-too-long" | "out-of-memory" | "no-memory")
                ),
                "{key} = {number}: {outcome:?}"
            );
        }
    }
    assert!(deaths.is_empty(), "the worker died of {deaths:#?}");
}

/// A file without words, and tensors whose sizes overflow or reach beyond the file.
#[tokio::test(flavor = "multi_thread")]
async fn files_without_a_vocabulary_or_with_tensors_that_cannot_be() {
    let models = Models::new();
    let path = models.folder.path().join("odd.gguf");
    let engine = Engine::start(models.config());
    for kind in ["no_vocab", "none", "llama", "gpt2", "nonsense"] {
        let mut odd = gyre_gguf::Builder::new("llama");
        odd.set("tokenizer.chat_template", gyre_gguf::Value::String("x".into()))
            .set("tokenizer.ggml.model", gyre_gguf::Value::String(kind.into()))
            .write(&path)
            .expect("writes");
        let error = complete(&engine, "odd", request("x", 3)).await.expect_err(kind);
        assert_eq!(error.kind(), "model-invalid", "{kind}: {error}");
    }
    tiny::random_llama_with_template(1, "x", &path).expect("writes");
    let whole = std::fs::read(&path).expect("reads");
    let name = b"token_embd.weight";
    let at = whole
        .windows(name.len())
        .position(|window| window == name)
        .expect("the tensor is there");
    // Its name, how many sides it has, then the sides.
    let sides = at + name.len() + 4;
    for side in [0, 1 << 40, 1 << 62, u64::MAX] {
        let mut odd = whole.clone();
        odd[sides..sides + 8].copy_from_slice(&side.to_le_bytes());
        std::fs::write(&path, odd).expect("writes");
        let error = complete(&engine, "odd", request("x", 3))
            .await
            .expect_err("cannot be");
        assert_eq!(error.kind(), "model-invalid", "{side}: {error}");
    }
    lives(&engine).await;
}

/// Sets a number of 32 bits in a file's header.
fn patch(path: &Path, key: &str, number: u32) {
    let mut bytes = std::fs::read(path).expect("reads");
    let mut wanted = (key.len() as u64).to_le_bytes().to_vec();
    wanted.extend(key.as_bytes());
    let at = bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
        .expect("the key is there");
    // The key, then the number of its type, then the value.
    let value = at + wanted.len() + 4;
    bytes[value..value + 4].copy_from_slice(&number.to_le_bytes());
    std::fs::write(path, bytes).expect("writes");
}
