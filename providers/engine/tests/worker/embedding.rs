//! Embeddings: order, unit length, sharing batches, truncation told.

use crate::{Models, stats};
use gyre_engine_ipc::{Embeddings, Engine, EngineError};

const MODEL: &str = "letters";

fn row(embeddings: &Embeddings, index: usize) -> &[f32] {
    embeddings
        .data
        .chunks(embeddings.dimension as usize)
        .nth(index)
        .expect("is there")
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_texts_come_back_in_order_and_as_alone() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let texts: Vec<String> = (0..100)
        .map(|n| format!("text {n} ") + &"word ".repeat(n % 17))
        .collect();
    let many = engine.embed(MODEL, texts.clone()).await.expect("embeds");
    assert_eq!(many.data.len(), 100 * many.dimension as usize);
    assert_eq!((many.model.as_str(), many.truncated), (MODEL, 0));
    for index in [0, 41, 99] {
        let alone = engine
            .embed(MODEL, vec![texts[index].clone()])
            .await
            .expect("embeds");
        assert!(cosine(row(&many, index), &alone.data) > 0.9999, "text {index}");
        assert!(
            (cosine(&alone.data, &alone.data) - 1.0).abs() < 1e-5,
            "unit length"
        );
    }
    assert!(stats(&engine, MODEL).await.sequences_in_batch_max >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_is_truncated_and_that_is_told() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let texts = vec!["short".to_owned(), "a b c d ".repeat(2000)];
    let embeddings = engine.embed(MODEL, texts).await.expect("embeds");
    assert_eq!(embeddings.truncated, 1);
    assert!(embeddings.prompt_tokens > 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_calls_are_told_so() {
    let models = Models::new();
    let engine = Engine::start(models.config());
    let invalid = |result: Result<Embeddings, EngineError>, part: &str| match result {
        Err(EngineError::Invalid { message }) => assert!(message.contains(part), "{message}"),
        other => panic!("{other:?}"),
    };
    invalid(engine.embed(MODEL, Vec::new()).await, "at least one");
    invalid(engine.embed(MODEL, vec![String::new(); 3000]).await, "at most");
    invalid(
        engine.embed("talk", vec!["x".into()]).await,
        "makes no embeddings",
    );
    let found = engine.models().await.expect("lists");
    let names: Vec<_> = found
        .iter()
        .map(|model| (model.name.as_str(), model.embedding, model.chat))
        .collect();
    assert_eq!(names, [("letters", true, false), ("talk", false, true)]);
}
