//! Ranking: scores in order, as alone, bounded.

use crate::reference::Reference;
use crate::{Models, TENANT};
use gyre_engine_ipc::{Engine, EngineError, Scores};
use gyre_gguf::tiny;

const MODEL: &str = "judge";
const QUERY: &str = "what is a lake";
/// Attention sums halves of floats, in an order that depends on the batch.
const TOLERANCE: f32 = 2e-3;

impl Models {
    fn with_judge() -> Self {
        let models = Self::new();
        let path = models.folder.path().join(format!("{MODEL}.gguf"));
        tiny::random_reranker(7, &path).expect("writes");
        models
    }
}

async fn rank(engine: &Engine, documents: &[&str]) -> Scores {
    let documents = documents.iter().map(|it| (*it).to_owned()).collect();
    engine
        .rerank(MODEL, QUERY.to_owned(), documents)
        .await
        .expect("ranks")
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_score_in_any_company_and_order_as_alone() {
    let models = Models::with_judge();
    let engine = Engine::start(models.config());
    let texts: Vec<String> = (0..40)
        .map(|n| format!("water {n} ") + &"and so on ".repeat(n % 13))
        .collect();
    let mut documents: Vec<&str> = texts.iter().map(String::as_str).collect();
    documents.push("");
    let many = rank(&engine, &documents).await;
    assert_eq!(
        (many.scores.len(), many.truncated, many.model.as_str()),
        (41, 0, MODEL)
    );
    documents.reverse();
    let mut turned = rank(&engine, &documents).await.scores;
    turned.reverse();
    for (index, (score, turned)) in many.scores.iter().zip(&turned).enumerate() {
        assert!((score - turned).abs() < TOLERANCE, "{index}: {score} {turned}");
    }
    for index in [0, 17, 39] {
        let alone = rank(&engine, &[&texts[index]]).await.scores;
        assert!(
            (alone[0] - many.scores[index]).abs() < TOLERANCE,
            "{index}: {alone:?}"
        );
    }
    let distinct = many
        .scores
        .windows(2)
        .filter(|pair| (pair[0] - pair[1]).abs() > 2.0 * TOLERANCE);
    assert!(distinct.count() > 20, "documents differ: {:?}", many.scores);
    assert!(crate::stats(&engine, MODEL).await.sequences_in_batch_max >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_are_those_of_plain_arithmetic() {
    let models = Models::with_judge();
    let engine = Engine::start(models.config());
    let reference = Reference::open(&models.folder.path().join(format!("{MODEL}.gguf")));
    let documents = ["water", "a lake is water, all of it.", "42 boats", "w", ""];
    let ranked = rank(&engine, &documents).await;
    for (document, score) in documents.iter().zip(ranked.scores) {
        let expected = reference.score(QUERY, document);
        assert!(
            (f64::from(score) - expected).abs() < 0.02,
            "{document:?}: {score}, and not {expected}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_counts_and_long_documents_are_cut() {
    let models = Models::with_judge();
    let engine = Engine::start(models.config());
    let document = || vec!["a b c".to_owned()];
    let one = engine
        .rerank(MODEL, "sun".to_owned(), document())
        .await
        .expect("ranks");
    let other = engine
        .rerank(MODEL, "moon".to_owned(), document())
        .await
        .expect("ranks");
    assert!(
        (one.scores[0] - other.scores[0]).abs() > 1e-4,
        "{one:?} {other:?}"
    );
    let long = "a b c d ".repeat(2000);
    let cut = rank(&engine, &["short", &long]).await;
    assert_eq!(cut.truncated, 1);
    assert!(cut.prompt_tokens > 1024 && cut.scores.iter().all(|score| score.is_finite()));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_calls_are_told_so() {
    let models = Models::with_judge();
    let engine = Engine::start(models.config());
    let ranked = async |model: &str, query: &str, documents: usize| {
        let documents = vec!["x".to_owned(); documents];
        engine.rerank(model, query.to_owned(), documents).await
    };
    for (model, query, documents, part) in [
        ("talk", "x", 1, "ranks no documents"),
        (MODEL, "x", 0, "send 1 to"),
        (MODEL, "x", 2000, "send 1 to"),
        (MODEL, "", 1, "the query is empty"),
    ] {
        match ranked(model, query, documents).await {
            Err(EngineError::Invalid { message }) => assert!(message.contains(part), "{message}"),
            other => panic!("{other:?}"),
        }
    }
    let error = ranked(MODEL, &"a b ".repeat(2000), 1)
        .await
        .expect_err("is too long");
    assert_eq!(error.kind(), "context-too-long");
    let error = engine
        .embed(MODEL, vec!["x".into()])
        .await
        .expect_err("makes scores");
    assert_eq!(error.kind(), "invalid");
    let mut chat = engine
        .chat(MODEL, TENANT, crate::request("x", 1))
        .await
        .expect("starts");
    let error = chat.next_delta().await.expect_err("is no chat model");
    assert!(error.to_string().contains("ranks documents"), "{error}");
    let judge = engine.find(MODEL).await.expect("is there");
    assert!(judge.rerank && !judge.embedding && !judge.chat);
}
