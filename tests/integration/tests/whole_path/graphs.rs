//! Graphs of ONNX as guests use them: by name through `wasi:nn`, with what the manifest grants.

use crate::expect::text;
use anyhow::{Result, ensure};
use gyre_engine_ipc::onnxruntime;
use gyre_onnx::tiny;
use gyre_test_support::{Server, Setup};
use serde_json::{Value, json};

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "graph"
[[trigger.http]]
route = "/..."
component = "graph"
[component.graph]
source = "{guests}/fixture_graph.wasm"
ai_models = ["sum"]
"#;

/// With the graphs `sum` and `echo`, of which `sum` is granted.
fn setup() -> Result<Setup> {
    let setup = Setup::app(APP)?;
    tiny::sum(&setup.models().join("sum.onnx"))?;
    tiny::echo(&setup.models().join("echo.onnx"))?;
    Ok(setup)
}

async fn compute(server: &Server, model: &str, inputs: Value) -> Result<Value> {
    let (status, answer) = server.post(&format!("/{model}"), &inputs).await?;
    ensure!(
        status == 200 && answer["fixture"] == "graph",
        "{status}: {answer}"
    );
    Ok(answer)
}

fn rows(numbers: [[f32; 2]; 2]) -> Value {
    json!({ "sides": [2, 2], "numbers": numbers.concat() })
}

#[tokio::test]
async fn a_guest_computes_with_the_graph_that_it_is_granted() -> Result<()> {
    if onnxruntime::find().is_none() {
        ensure!(
            std::env::var("GYRE_TEST_FORCE").is_err(),
            "no ONNX Runtime: run `cargo xtask setup --onnx` or set GYRE_ONNXRUNTIME"
        );
        println!("ignored: there is no ONNX Runtime; run `cargo xtask setup --onnx` or set GYRE_ONNXRUNTIME");
        return Ok(());
    }
    let server = setup()?.start().await?;
    let (a, b) = (rows([[1.0, 2.0], [3.0, 4.0]]), rows([[0.5, -2.0], [0.0, 10.0]]));
    let made = compute(&server, "sum", json!({ "a": a, "b": b })).await?;
    let expected = json!({ "type": "TensorType::Fp32", "sides": [2, 2], "numbers": [1.5, 0.0, 3.0, 14.0] });
    ensure!(made["outputs"] == json!({ "sum": expected }), "{made}");

    let wrong = compute(&server, "sum", json!({ "a": a })).await?;
    ensure!(wrong["error"] == "ErrorCode::InvalidArgument", "{wrong}");
    ensure!(text(&wrong, "/message")?.contains("`b` is missing"), "{wrong}");
    let denied = compute(&server, "echo", json!({})).await?;
    ensure!(denied["error"] == "ErrorCode::Security", "{denied}");
    ensure!(
        text(&denied, "/message")?.contains("ai_models = [\"echo\"]"),
        "{denied}"
    );
    Ok(())
}

#[tokio::test]
async fn without_the_library_a_guest_is_told_the_cure() -> Result<()> {
    let server = setup()?
        .environment("GYRE_ONNXRUNTIME", "/nowhere/libonnxruntime.so")
        .start()
        .await?;
    let (a, b) = (rows([[0.0; 2]; 2]), rows([[0.0; 2]; 2]));
    for _ in 0..2 {
        let made = compute(&server, "sum", json!({ "a": a, "b": b })).await?;
        let message = text(&made, "/message")?;
        ensure!(
            message.contains("no ONNX Runtime: there is no file `libonnxruntime.so`"),
            "{made}"
        );
        ensure!(message.contains("cargo xtask setup --onnx"), "{made}");
    }
    Ok(())
}
