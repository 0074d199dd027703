//! The repository's application with doubles in it: a scripted model, and tools that misbehave.

use anyhow::Result;
use gyre_test_support::Setup;
use serde_json::{Value, json};

const LEAF: &str = "# --- model-extractive";
const BACKENDS: &str = "model-extractive,model-local";
const HOST: &str = "    \"http://model-local.spin.internal\",\n";
const TOOL_HOST: &str = "    \"http://tool-clock.spin.internal\",\n";

/// One more model backend, whose leaf is the double.
pub(crate) fn with_double() -> Result<Setup> {
    let component = format!(
        "[[trigger.http]]\ncomponent = \"model-double\"\nroute = {{ private = true }}\n\n\
         [component.model-double]\nsource = \"{folder}/model.wasm\"\n\
         [component.model-double.dependencies]\n\
         \"gyre:inference\" = {{ path = \"{folder}/inference_double.wasm\" }}\n\n{LEAF}",
        folder = gyre_test_support::guests()?.display()
    );
    Setup::new()?
        .replace(LEAF, &component)?
        .replace(BACKENDS, &format!("{BACKENDS},model-double"))?
        .replace(
            HOST,
            &format!("{HOST}    \"http://model-double.spin.internal\",\n"),
        )
}

/// The double, and a tool that fails, hangs and answers junk, for the agents that have tools.
pub(crate) fn with_double_and_tool() -> Result<Setup> {
    let folder = gyre_test_support::guests()?;
    let component = format!(
        "[[trigger.http]]\ncomponent = \"tool-double\"\nroute = {{ private = true }}\n\n\
         [component.tool-double]\nsource = \"{folder}/mcp_server.wasm\"\n\
         files = [{{ source = \"{tools}\", destination = \"/tools\" }}]\n\
         [component.tool-double.variables]\ntool = \"tool-double\"\n\
         [component.tool-double.dependencies]\n\
         \"gyre:tool\" = {{ path = \"{folder}/tool_double.wasm\" }}\n\n{LEAF}",
        tools = gyre_test_support::tools()?.display(),
        folder = folder.display(),
    );
    with_double()?.replace(LEAF, &component)?.replace(
        TOOL_HOST,
        &format!("{TOOL_HOST}    \"http://tool-double.spin.internal\",\n"),
    )
}

/// What a client sends to an agent that the double answers for.
pub(crate) fn ordered(order: &str) -> Value {
    json!({"input": order, "model": "double"})
}
