//! Encoders in ONNX beside their GGUF twins: the same vectors, by ONNX Runtime and by llama.cpp.

use crate::onnx::{config, library, models};
use crate::{minilm, stats};
use gyre_engine_ipc::{Embeddings, Engine, EngineConfig};
use gyre_onnx::convert;
use tempfile::TempDir;

const COSINE_MIN: f64 = 0.999;

/// The least cosine of two lists of vectors of unit length.
fn least_cosine(a: &Embeddings, b: &Embeddings) -> f64 {
    assert_eq!((a.dimension, a.data.len()), (b.dimension, b.data.len()));
    let width = a.dimension as usize;
    let pairs = a.data.chunks(width).zip(b.data.chunks(width));
    let cosines = pairs.map(|(a, b)| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum());
    cosines.fold(1.0, f64::min)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoder_is_as_its_gguf_twin_whatever_shares_its_batch() {
    let Some(library) = library() else { return };
    let models = models();
    let engine = Engine::start(config(&models, library));
    let texts: Vec<String> = (0..100)
        .map(|n| format!("Text {n}, [SEP] ") + &"word ".repeat(n % 17))
        .collect();
    let gguf = engine.embed("letters", texts.clone()).await.expect("embeds");
    let onnx = engine.embed("twin", texts.clone()).await.expect("embeds");
    let least = least_cosine(&gguf, &onnx);
    println!("least cosine of random BERTs: {least:.7}");
    assert!(least > COSINE_MIN, "{least}");
    assert_eq!((onnx.prompt_tokens, onnx.truncated), (gguf.prompt_tokens, 0));
    let alone = engine
        .embed("twin", vec![texts[99].clone()])
        .await
        .expect("embeds");
    let width = onnx.dimension as usize;
    let last = Embeddings {
        data: onnx.data[99 * width..].to_vec(),
        ..onnx.clone()
    };
    assert!(least_cosine(&alone, &last) > 0.999_999);
    assert!(stats(&engine, "twin").await.sequences_in_batch_max >= 2);
    let long = vec!["short".to_owned(), "a b c d ".repeat(2000)];
    let gguf = engine.embed("letters", long.clone()).await.expect("embeds");
    let onnx = engine.embed("twin", long).await.expect("embeds");
    assert_eq!((onnx.truncated, onnx.prompt_tokens), (1, gguf.prompt_tokens));
    assert!(least_cosine(&gguf, &onnx) > COSINE_MIN);
}

#[tokio::test(flavor = "multi_thread")]
async fn minilm_in_onnx_is_minilm_in_gguf() {
    let Some(library) = library() else { return };
    let scratch = TempDir::new().expect("a folder");
    let Some(folder) = minilm::models(scratch.path()) else {
        return;
    };
    let gguf = folder.join(format!("{}.gguf", minilm::MODEL));
    let onnx = scratch.path().join("minilm.onnx");
    match std::env::var_os("GYRE_MINILM_WHEEL") {
        Some(wheel) => convert::from_wheel(wheel.as_ref(), &onnx).expect("converts"),
        None => convert::from_gguf(&gguf, &onnx).expect("converts"),
    }
    let mut config = EngineConfig::new(env!("CARGO_BIN_EXE_gyre-engine"), folder);
    config.onnxruntime = Some(library);
    config.models.push(("minilm".to_owned(), onnx));
    let engine = Engine::start(config);
    let references = minilm::references();
    let texts: Vec<String> = references
        .iter()
        .map(|reference| reference.text.clone())
        .collect();
    let by_gguf = engine.embed(minilm::MODEL, texts.clone()).await.expect("embeds");
    let by_onnx = engine.embed("minilm", texts).await.expect("embeds");
    assert_eq!(by_onnx.prompt_tokens, by_gguf.prompt_tokens);
    let least = least_cosine(&by_gguf, &by_onnx);
    println!("least cosine of MiniLM in ONNX and in GGUF: {least:.7}");
    assert!(least > COSINE_MIN, "{least}");
    let reference = Embeddings {
        data: references
            .iter()
            .flat_map(|reference| reference.vector.iter().map(|number| *number as f32))
            .collect(),
        ..by_onnx.clone()
    };
    let least = least_cosine(&reference, &by_onnx);
    println!("least cosine of MiniLM in ONNX and its float64 reference: {least:.7}");
    assert!(least > COSINE_MIN, "{least}");
}
