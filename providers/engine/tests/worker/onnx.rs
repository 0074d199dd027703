//! ONNX models in the worker: graphs of tensors, and what goes wrong. Needs the library of ONNX Runtime: see `library`.

use crate::{Models, stats};
use gyre_engine_ipc::{Engine, EngineConfig, EngineError, NamedTensor, TensorKind, onnxruntime};
use gyre_onnx::{Element, Graph, Side, convert, tiny};
use std::path::PathBuf;
use std::time::Duration;

/// What `cargo xtask setup --onnx` installs. `None` skips the test; `GYRE_TEST_FORCE=1` forbids that.
pub(crate) fn library() -> Option<PathBuf> {
    let found = onnxruntime::find();
    if found.is_none() {
        assert!(
            std::env::var("GYRE_TEST_FORCE").is_err(),
            "no ONNX Runtime: run `cargo xtask setup --onnx` or set GYRE_ONNXRUNTIME"
        );
        println!("ignored: there is no ONNX Runtime; run `cargo xtask setup --onnx` or set GYRE_ONNXRUNTIME");
    }
    found
}

/// A models folder with `talk`, `letters` and its twin `twin`, and the graphs `sum`, `echo` and `zeros`.
pub(crate) fn models() -> Models {
    let models = Models::new();
    let at = |name: &str| models.folder.path().join(name);
    convert::from_gguf(&at("letters.gguf"), &at("twin.onnx")).expect("converts");
    tiny::sum(&at("sum.onnx")).expect("writes");
    tiny::echo(&at("echo.onnx")).expect("writes");
    tiny::zeros(&at("zeros.onnx")).expect("writes");
    models
}

pub(crate) fn config(models: &Models, library: PathBuf) -> EngineConfig {
    let mut config = models.config();
    config.onnxruntime = Some(library);
    config
}

pub(crate) fn tensor(
    name: &str,
    sides: &[u32],
    kind: TensorKind,
    data: impl IntoIterator<Item = u8>,
) -> NamedTensor {
    NamedTensor {
        name: name.to_owned(),
        sides: sides.to_vec(),
        kind,
        data: data.into_iter().collect(),
    }
}

pub(crate) fn floats(name: &str, sides: &[u32], numbers: &[f32]) -> NamedTensor {
    tensor(
        name,
        sides,
        TensorKind::F32,
        numbers.iter().flat_map(|number| number.to_le_bytes()),
    )
}

/// The input of `toil`.
fn square(side: i64) -> Vec<NamedTensor> {
    let data = [side, side].into_iter().flat_map(i64::to_le_bytes);
    vec![tensor("sides", &[2], TensorKind::I64, data)]
}

/// Inputs of `sum`.
fn pair() -> Vec<NamedTensor> {
    vec![floats("a", &[1, 2], &[1.0, 2.0]), floats("b", &[1, 2], &[0.5; 2])]
}

fn refused(result: Result<Vec<NamedTensor>, EngineError>, part: &str) {
    match result {
        Err(EngineError::Invalid { message }) => assert!(message.contains(part), "{message}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_computes_on_tensors_of_every_kind() {
    let Some(library) = library() else { return };
    let models = models();
    let engine = Engine::start(config(&models, library));
    let inputs = vec![
        floats("a", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
        floats("b", &[2, 2], &[0.5; 4]),
    ];
    let outputs = engine.run("sum", inputs).await.expect("computes");
    assert_eq!(outputs, [floats("sum", &[2, 2], &[1.5, 2.5, 3.5, 4.5])]);

    let kinds = [
        ("f16", TensorKind::F16),
        ("f32", TensorKind::F32),
        ("f64", TensorKind::F64),
        ("bf16", TensorKind::Bf16),
        ("u8", TensorKind::U8),
        ("i32", TensorKind::I32),
        ("i64", TensorKind::I64),
    ];
    let made = |suffix: &str| {
        kinds
            .map(|(name, kind)| {
                let data = (0..3 * kind.bytes()).map(|byte| byte as u8);
                tensor(&format!("{name}{suffix}"), &[3], kind, data)
            })
            .to_vec()
    };
    let outputs = engine.run("echo", made("")).await.expect("computes");
    assert_eq!(outputs, made("_out"));
    assert!(stats(&engine, "echo").await.steps == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_tensors_are_refused_and_end_nothing() {
    let Some(library) = library() else { return };
    let models = models();
    let engine = Engine::start(config(&models, library));
    let good = || floats("b", &[1, 2], &[1.0, 2.0]);
    let wide = tensor("a", &[1, 2], TensorKind::I64, [0; 16]);
    let cases = [
        (vec![good()], "`a` is missing"),
        (vec![good(), floats("c", &[1, 2], &[0.0; 2])], "no input `c`"),
        (vec![good(), wide], "is I64: the graph takes FP32"),
        (
            vec![good(), floats("a", &[1, 3], &[0.0; 3])],
            "[1, 3]: the graph takes [-1, 2]",
        ),
        (vec![good(), floats("a", &[2], &[0.0; 2])], "[2]: the graph takes"),
        (vec![good(), floats("a", &[1, 2], &[0.0])], "has 4 bytes"),
    ];
    for (inputs, part) in cases {
        refused(engine.run("sum", inputs).await, part);
    }
    let size = |size: i64| vec![tensor("size", &[1], TensorKind::I64, size.to_le_bytes())];
    refused(engine.run("zeros", size(8 << 20)).await, "over 25165824 bytes");
    refused(engine.run("zeros", size(1 << 60)).await, "cannot compute");
    refused(engine.run("zeros", size(-1)).await, "cannot compute");
    refused(engine.run("letters", Vec::new()).await, "is no graph of tensors");
    let error = engine.run("none", Vec::new()).await.expect_err("is not there");
    assert!(
        error.to_string().contains("letters, sum, talk, twin, zeros"),
        "{error}"
    );
    let zeros = engine.run("zeros", size(2)).await.expect("computes");
    assert_eq!(zeros, [floats("zeros", &[2], &[0.0; 2])]);
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_of_one_graph_are_all_answered() {
    let Some(library) = library() else { return };
    let models = models();
    let engine = Engine::start(config(&models, library));
    engine.load("twin", |_| {}).await.expect("loads");
    let calls = (0..40).map(|n| {
        let engine = engine.clone();
        tokio::spawn(async move {
            match n % 3 {
                0 => {
                    // A call that is given up, most likely before it is answered.
                    let call = engine.embed("twin", vec!["word ".repeat(400); 20]);
                    tokio::time::timeout(Duration::from_millis(2), call).await.ok();
                    true
                }
                1 => engine.embed("twin", vec![format!("text {n}")]).await.is_ok(),
                _ => {
                    let inputs = vec![floats("a", &[1, 2], &[1.0, 2.0]), floats("b", &[1, 2], &[0.0; 2])];
                    engine.run("sum", inputs).await.is_ok()
                }
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.expect("joins"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_waits_for_makes_room() {
    let Some(library) = library() else { return };
    let models = models();
    // Minutes of work, unless it is stopped.
    tiny::toil(&models.folder.path().join("toil.onnx"), 500).expect("writes");
    let engine = Engine::start(config(&models, library));
    engine.run("toil", square(1)).await.expect("computes");
    let given_up = engine.run("toil", square(2048));
    let given_up = tokio::time::timeout(Duration::from_millis(300), given_up).await;
    assert!(given_up.is_err(), "it is still at work");
    let next = tokio::time::timeout(Duration::from_secs(30), engine.run("toil", square(2))).await;
    let next = next.expect("the thread is free again").expect("computes");
    assert_eq!(next, [floats("first", &[1, 2], &[0.0; 2])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_too_long_is_ended_and_a_batch_of_texts_too() {
    let Some(library) = library() else { return };
    let models = models();
    tiny::toil(&models.folder.path().join("toil.onnx"), 500).expect("writes");
    let mut config = config(&models, library);
    config.graph_wait = Duration::from_millis(1);
    let engine = Engine::start(config);
    let texts = vec!["word ".repeat(400); 32];
    let embedded = engine.embed("twin", texts).await;
    assert!(
        matches!(embedded, Err(EngineError::DeadlineExceeded)),
        "{embedded:?}"
    );
    let ran = engine.run("toil", square(2048)).await;
    assert!(matches!(ran, Err(EngineError::DeadlineExceeded)), "{ran:?}");
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_that_cannot_be_ended_counts_as_hung() {
    let Some(library) = library() else { return };
    let models = models();
    // One product of seconds: nothing looks meanwhile whether it is to end.
    tiny::toil(&models.folder.path().join("toil.onnx"), 1).expect("writes");
    let mut config = config(&models, library);
    config.graph_wait = Duration::from_millis(200);
    config.step_wait = Duration::from_millis(400);
    let engine = Engine::start(config);
    engine.run("toil", square(1)).await.expect("computes");
    let error = engine.run("toil", square(6000)).await.expect_err("hangs");
    assert_eq!(error.kind(), "worker-died");
    assert!(
        error.to_string().contains("the model toil made no progress"),
        "{error}"
    );
    engine.run("sum", pair()).await.expect("others go on");
    assert_eq!(engine.status().restarts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_its_wall_the_worker_runs_graphs_too() {
    let Some(library) = library() else { return };
    let models = models();
    let mut config = config(&models, library);
    config.confined = true;
    let engine = Engine::start(config);
    let made = engine
        .embed("twin", vec!["text".to_owned()])
        .await
        .expect("embeds");
    assert_eq!(made.data.len(), made.dimension as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_library_all_else_works_and_the_cure_is_named() {
    let models = models();
    let engine = Engine::start(models.config());
    for _ in 0..2 {
        let error = engine
            .embed("twin", vec!["text".to_owned()])
            .await
            .expect_err("cannot run");
        assert!(matches!(&error, EngineError::NoOnnxRuntime { .. }), "{error:?}");
        assert!(
            error.hint().contains("cargo xtask setup --onnx"),
            "{}",
            error.hint()
        );
    }
    let listed = engine.models().await.expect("lists");
    let able: Vec<_> = listed
        .iter()
        .map(|model| (model.name.as_str(), model.chat, model.embedding, model.graph))
        .collect();
    let expected = [
        ("echo", false, false, true),
        ("letters", false, true, false),
        ("sum", false, false, true),
        ("talk", true, false, false),
        ("twin", false, true, false),
        ("zeros", false, false, true),
    ];
    assert_eq!(able, expected);
    engine
        .embed("letters", vec!["text".to_owned()])
        .await
        .expect("embeds");
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_that_cannot_be_loaded_is_told_each_time() {
    let Some(library) = library() else { return };
    let models = models();
    let at = |name: &str| models.folder.path().join(name);
    let mut graph = Graph::default();
    graph.input("x", Element::F32, &[Side::Of(1)]);
    graph.apply_as("y", "NoSuchOperator", &["x"], &[]);
    graph.output("y", Element::F32, &[Side::Of(1)]);
    graph.write(&at("odd.onnx")).expect("writes");
    std::fs::write(
        at("cut.onnx"),
        &std::fs::read(at("sum.onnx")).expect("reads")[..40],
    )
    .expect("writes");
    std::fs::write(at("twin.tokenizer.json"), "{}").expect("writes");
    let engine = Engine::start(config(&models, library));
    for _ in 0..2 {
        for (name, file) in [("odd", "odd.onnx"), ("cut", "cut.onnx")] {
            let error = engine.run(name, Vec::new()).await.expect_err("is unsound");
            assert!(
                matches!(&error, EngineError::ModelInvalid { file: told, .. } if told == file),
                "{error:?}"
            );
        }
        let error = engine
            .embed("twin", vec!["x".to_owned()])
            .await
            .expect_err("is unsound");
        assert!(error.to_string().contains("`twin.tokenizer.json`"), "{error}");
    }
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_leaves_memory_when_told_to_and_comes_back() {
    let Some(library) = library() else { return };
    let models = models();
    let engine = Engine::start(config(&models, library));
    let run = || engine.run("sum", pair());
    let is_loaded = async || {
        let stats = engine.stats().await.expect("answers");
        stats.iter().any(|model| model.model == "sum")
    };
    engine.unload("sum").await.expect("it is out of memory already");
    let first = run().await.expect("computes");
    assert!(is_loaded().await);
    engine.unload("sum").await.expect("leaves");
    assert!(!is_loaded().await);
    assert_eq!(run().await.expect("is loaded again"), first);

    let documents = vec!["a document".to_owned()];
    let error = engine.rerank("sum", "a query".to_owned(), documents).await;
    let error = error.expect_err("ranks nothing").to_string();
    assert!(error.contains("sum is a graph of tensors"), "{error}");
}
