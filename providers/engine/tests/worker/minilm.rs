//! all-MiniLM-L6-v2 as converted by `gyre-gguf` against a reference computed in float64 (numpy, WordPiece by
//! hand, no line shared with llama.cpp). Needs the model: see `models`.

use gyre_engine_ipc::{Engine, EngineConfig};
use std::path::{Path, PathBuf};

pub(crate) const MODEL: &str = "all-minilm-l6-v2";
const COSINE_MIN: f64 = 0.9999;

#[derive(serde::Deserialize)]
pub(crate) struct Reference {
    pub(crate) text: String,
    tokens: u32,
    pub(crate) vector: Vec<f64>,
}

/// The sentences and their vectors.
pub(crate) fn references() -> Vec<Reference> {
    serde_json::from_str(include_str!("../fixtures/minilm.json")).expect("the fixture is JSON")
}

/// `GYRE_MINILM_WHEEL` names the PyPI wheel to convert, or `GYRE_MODELS` the folder of the converted model,
/// which is where `cargo xtask setup` puts it by default. `None` skips the test; `GYRE_TEST_FORCE=1` forbids that.
pub(crate) fn models(scratch: &Path) -> Option<PathBuf> {
    let name = format!("{MODEL}.gguf");
    if let Some(wheel) = std::env::var_os("GYRE_MINILM_WHEEL") {
        gyre_gguf::minilm::convert_wheel(Path::new(&wheel), &scratch.join(name)).expect("converts");
        return Some(scratch.to_owned());
    }
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let cache = || variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let folder = variable("GYRE_MODELS").or_else(|| Some(cache()?.join("gyre/models")));
    if let Some(folder) = folder.filter(|folder| folder.join(name).is_file()) {
        return Some(folder);
    }
    assert!(
        std::env::var("GYRE_TEST_FORCE").is_err(),
        "no {MODEL}: run `cargo xtask setup` or set GYRE_MODELS"
    );
    println!("ignored: there is no {MODEL}; run `cargo xtask setup` or set GYRE_MODELS");
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn minilm_agrees_with_the_float64_reference() {
    let scratch = tempfile::tempdir().expect("a folder");
    let Some(folder) = models(scratch.path()) else {
        return;
    };
    let references = references();
    let engine = Engine::start(EngineConfig::new(env!("CARGO_BIN_EXE_gyre-engine"), folder));
    let texts = references
        .iter()
        .map(|reference| reference.text.clone())
        .collect();
    let made = engine.embed(MODEL, texts).await.expect("embeds");
    assert_eq!((made.dimension, made.truncated), (384, 0));
    assert_eq!(
        made.prompt_tokens,
        references.iter().map(|reference| reference.tokens).sum::<u32>()
    );
    for (reference, vector) in references.iter().zip(made.data.chunks(384)) {
        let cosine: f64 = reference
            .vector
            .iter()
            .zip(vector)
            .map(|(a, b)| a * f64::from(*b))
            .sum();
        println!("cosine {cosine:.7}: {}", reference.text);
        assert!(cosine >= COSINE_MIN, "cosine {cosine} of `{}`", reference.text);
    }
}
