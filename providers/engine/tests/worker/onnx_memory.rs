//! Graphs in the account of memory: told, bounded together with models, and evicted by the same rules.

use crate::onnx::{config, floats, library, models, tensor};
use crate::{TENANT, minilm, read_to_end, request, stats, until};
use gyre_engine_ipc::{Engine, EngineConfig, EngineError, NamedTensor, TensorKind};
use gyre_onnx::{Element, Graph, Side, convert, tiny};
use std::path::Path;

async fn loaded(engine: &Engine) -> Vec<String> {
    let stats = engine.stats().await.expect("answers");
    stats.into_iter().map(|model| model.model).collect()
}

async fn sum(engine: &Engine) -> Result<Vec<NamedTensor>, EngineError> {
    let inputs = vec![floats("a", &[1, 2], &[1.0, 2.0]), floats("b", &[1, 2], &[0.5; 2])];
    engine.run("sum", inputs).await
}

/// Room for a small graph, of which 32 MiB are counted beside its file, or for `talk`, which takes 6: never for two.
const ROOM_BYTES: u64 = 33 << 20;

fn with_room_for_one(mut config: EngineConfig) -> Engine {
    config.memory_bytes_max = Some(ROOM_BYTES);
    config.delta_window = 1;
    Engine::start(config)
}

#[tokio::test(flavor = "multi_thread")]
async fn graphs_and_models_make_room_for_each_other() {
    let Some(library) = library() else { return };
    let models = models();
    let engine = with_room_for_one(config(&models, library));
    for _ in 0..2 {
        engine.load("talk", |_| {}).await.expect("loads");
        assert_eq!(loaded(&engine).await, ["talk"]);
        sum(&engine).await.expect("computes");
        assert_eq!(loaded(&engine).await, ["sum"]);
    }
    let memory = stats(&engine, "sum").await.memory;
    let file = std::fs::metadata(models.folder.path().join("sum.onnx")).expect("is there");
    assert_eq!((memory.weights, memory.kv), (file.len(), 0));
    engine.load("echo", |_| {}).await.expect("loads");
    assert_eq!(loaded(&engine).await, ["echo"], "graphs make room for graphs");
    assert_eq!(engine.status().restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_graph_takes_the_room_of_a_model_at_work() {
    let Some(library) = library() else { return };
    let models = models();
    let engine = with_room_for_one(config(&models, library));
    let mut stream = engine
        .chat("talk", TENANT, request("x", 60))
        .await
        .expect("starts");
    stream.next_delta().await.expect("goes on").expect("not the end");
    let error = sum(&engine).await.expect_err("there is no room");
    match &error {
        EngineError::OutOfMemory {
            model,
            need_bytes,
            limit_bytes,
            held_bytes,
        } => {
            assert_eq!(model, "sum");
            assert!(
                need_bytes <= limit_bytes && need_bytes + held_bytes > *limit_bytes,
                "{error}"
            );
        }
        other => panic!("{other:?}"),
    }
    let (text, _) = read_to_end(&mut stream).await.expect("ends");
    assert_eq!(text.len(), 59);
    sum(&engine).await.expect("now there is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_at_work_never_makes_room() {
    let Some(library) = library() else { return };
    let models = models();
    // Minutes of work, unless it is stopped.
    tiny::toil(&models.folder.path().join("toil.onnx"), 500).expect("writes");
    let engine = with_room_for_one(config(&models, library));
    engine.load("toil", |_| {}).await.expect("loads");
    let toiling = tokio::spawn({
        let engine = engine.clone();
        let data = [2048_i64; 2].into_iter().flat_map(i64::to_le_bytes);
        let sides = tensor("sides", &[2], TensorKind::I64, data);
        async move { engine.run("toil", vec![sides]).await }
    });
    until(&engine, "toil", |stats| stats.sequences_live == 1).await;
    let error = engine.load("talk", |_| {}).await.expect_err("there is no room");
    assert_eq!(error.kind(), "out-of-memory");
    toiling.abort();
    until(&engine, "toil", |stats| stats.sequences_live == 0).await;
    engine.load("talk", |_| {}).await.expect("now there is");
    assert_eq!(loaded(&engine).await, ["talk"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_over_the_limit_is_refused_before_anything_is_loaded() {
    let models = models();
    let mut config = models.config();
    config.memory_bytes_max = Some(1 << 20);
    // Not even the library of ONNX Runtime is looked for.
    config.onnxruntime = None;
    let engine = Engine::start(config);
    for name in ["sum", "twin"] {
        let error = engine.load(name, |_| {}).await.expect_err("is too large");
        assert!(
            matches!(&error, EngineError::OutOfMemory { held_bytes: 0, .. }),
            "{error:?}"
        );
        assert!(error.hint().contains("--memory-bytes-max"), "{}", error.hint());
    }
    assert_eq!(loaded(&engine).await, [""; 0]);
}

/// Four products with square matrices of 4 MiB each.
fn heavy(path: &Path) {
    const SIDE: i64 = 1024;
    let mut graph = Graph::default();
    graph.input("x", Element::F32, &[Side::Any("rows"), Side::Of(SIDE)]);
    let mut product = "x".to_owned();
    for n in 0..4 {
        let numbers: Vec<f32> = (0..SIDE * SIDE).map(|i| ((i + n) % 7) as f32).collect();
        let weight = graph.floats(&format!("w{n}"), &[SIDE, SIDE], &numbers);
        product = graph.apply("MatMul", &[&product, &weight], &[]);
    }
    graph.apply_as("y", "Identity", &[&product], &[]);
    graph.output("y", Element::F32, &[Side::Any("rows"), Side::Of(SIDE)]);
    graph.write(path).expect("writes");
}

/// Memory of a process that no file stands behind.
fn anonymous_bytes(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// The memory of an engine's worker beside what it had when this was made.
struct Grown {
    pid: u32,
    before: u64,
}

impl Grown {
    /// `None` where the kernel does not tell.
    async fn since(engine: &Engine) -> Option<Self> {
        // The library takes some for itself with the first graph.
        sum(engine).await.expect("computes");
        let pid = engine.status().pid.expect("runs");
        let Some(before) = anonymous_bytes(pid) else {
            println!("ignored: this kernel does not tell the memory of a process");
            return None;
        };
        Some(Self { pid, before })
    }

    fn bytes(&self) -> u64 {
        let now = anonymous_bytes(self.pid).expect("it told before");
        now.saturating_sub(self.before)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_takes_no_more_than_it_is_said_to_and_gives_it_back() {
    let Some(library) = library() else { return };
    let models = models();
    heavy(&models.folder.path().join("heavy.onnx"));
    let engine = Engine::start(config(&models, library));
    let Some(grown) = Grown::since(&engine).await else {
        return;
    };
    let x = floats("x", &[4, 1024], &[1.0; 4096]);
    engine.run("heavy", vec![x]).await.expect("computes");
    let (taken, memory) = (grown.bytes(), stats(&engine, "heavy").await.memory);
    println!("a graph took {taken}, {memory:?} were said");
    assert!(taken <= memory.total(), "{taken} of {memory:?}");
    assert!(taken >= memory.weights / 2, "{taken} of {memory:?}");
    engine.unload("heavy").await.expect("unloads");
    assert!(grown.bytes() < memory.weights / 4, "{} are left", grown.bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoder_that_read_long_texts_holds_no_more_than_it_is_said_to() {
    let Some(library) = library() else { return };
    let models = models();
    let scratch = tempfile::tempdir().expect("a folder");
    let Some(folder) = minilm::models(scratch.path()) else {
        return;
    };
    let gguf = folder.join(format!("{}.gguf", minilm::MODEL));
    convert::from_gguf(&gguf, &models.folder.path().join("minilm.onnx")).expect("converts");
    let engine = Engine::start(config(&models, library));
    let Some(grown) = Grown::since(&engine).await else {
        return;
    };
    for _ in 0..2 {
        let long = vec!["word ".repeat(3000); 5];
        engine.embed("minilm", long).await.expect("embeds");
        let (taken, memory) = (grown.bytes(), stats(&engine, "minilm").await.memory);
        println!("MiniLM took {taken}, {memory:?} were said");
        assert!(taken <= memory.total(), "{taken} of {memory:?}");
        engine.unload("minilm").await.expect("unloads");
        assert!(grown.bytes() < memory.weights / 4, "{} are left", grown.bytes());
    }
}
