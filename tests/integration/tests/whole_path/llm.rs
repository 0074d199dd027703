//! Inference as Spin's guests ask for it: `fermyon:spin/llm`, answered by the engine.

use anyhow::{Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::Value;

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "llm"
[[trigger.http]]
route = "/..."
component = "models"
[component.models]
source = "{guests}/fixture_models.wasm"
ai_models = ["tiny-llama", "tiny-bert", "absent"]
"#;

async fn start(manifest: &str) -> Result<Server> {
    let setup = Setup::app(manifest)?;
    gyre_gguf::tiny::random_llama(7, &setup.model("tiny-llama"))?;
    gyre_gguf::tiny::random_bert(3, &setup.model("tiny-bert"))?;
    setup.start().await
}

async fn asked(server: &Server, path: &str) -> Result<Value> {
    let (status, answer) = server.get(path).await?;
    ensure!(
        status == 200 && answer["fixture"] == "models",
        "{status}: {answer}"
    );
    Ok(answer)
}

#[tokio::test]
async fn a_guest_of_spin_has_its_models() -> Result<()> {
    let server = start(APP).await?;
    let made = asked(&server, "/infer/tiny-llama").await?;
    ensure!(made["generated_tokens"] == 5, "{made}");
    ensure!(made["prompt_tokens"].as_u64() > Some(0), "{made}");
    // Greedy: it says the same again.
    let again = asked(&server, "/infer/tiny-llama").await?;
    ensure!(made == again, "{made}, then {again}");
    let vectors = asked(&server, "/embed/tiny-bert").await?;
    ensure!(
        vectors["texts"] == 2 && vectors["dimensions"].as_u64() > Some(0),
        "{vectors}"
    );
    let absent = asked(&server, "/infer/absent").await?;
    ensure!(absent["error"] == "model-not-supported", "{absent}");
    let wrong_kind = asked(&server, "/infer/tiny-bert").await?;
    ensure!(wrong_kind["error"] == "invalid-input", "{wrong_kind}");
    Ok(())
}

#[tokio::test]
async fn a_model_that_is_not_granted_is_denied() -> Result<()> {
    let server = start(&APP.replace("\"tiny-llama\", ", "")).await?;
    let denied = asked(&server, "/infer/tiny-llama").await?;
    ensure!(denied["error"] == "invalid-input", "{denied}");
    ensure!(
        denied["message"]
            .as_str()
            .is_some_and(|words| words.contains("ai_models = [\"tiny-llama\"]")),
        "{denied}"
    );
    Ok(())
}
