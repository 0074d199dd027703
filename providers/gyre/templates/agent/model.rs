//! The model, through `wasi:nn`: which one it is, the command line of `gyre up` says.

use serde_json::{Value, json};
use wasi::nn::errors::Error;
use wasi::nn::graph::load_by_name;
use wasi::nn::inference::GraphExecutionContext;
use wasi::nn::tensor::{Tensor, TensorType};

wit_bindgen::generate!({ path: "wit", world: "local:agent/agent", generate_all });

/// The graph that lists the models granted.
const MODELS: &str = "gyre:models";
const TOKENS_MAX: u32 = 512;

/// What the model said.
pub struct Answer {
    pub model: String,
    pub text: String,
}

/// Asks the first chat model that is granted; a problem is told with its cure.
pub fn answer(system: &str, question: &str) -> Result<Answer, String> {
    let model = chat_model()?;
    let context = open(&model)?;
    let request = json!({
        "protocol": "gyre-chat/1",
        "messages": [{ "role": "system", "content": system }, { "role": "user", "content": question }],
        "budget": { "max_tokens": TOKENS_MAX },
    });
    let mut outputs = compute(&context, Some(("request", request)))?;
    let mut text = Vec::new();
    // Each compute gives what the model has said since the last; the one with `finish` is the last.
    while bytes(&outputs, "finish").is_none() {
        text.extend(bytes(&outputs, "delta").unwrap_or_default());
        outputs = compute(&context, None)?;
    }
    text.extend(bytes(&outputs, "delta").unwrap_or_default());
    Ok(Answer { model, text: String::from_utf8_lossy(&text).into_owned() })
}

fn chat_model() -> Result<String, String> {
    let outputs = compute(&open(MODELS)?, None)?;
    let models: Value = serde_json::from_slice(&bytes(&outputs, "models").unwrap_or_default())
        .map_err(|error| format!("the list of models cannot be read: {error}"))?;
    let can_chat = |model: &&Value| {
        model["abilities"].as_array().is_some_and(|abilities| abilities.contains(&json!("chat")))
    };
    let first = models.as_array().and_then(|models| models.iter().find(can_chat));
    first
        .and_then(|model| model["name"].as_str())
        .map(str::to_owned)
        .ok_or_else(|| "there is no chat model; hint: start `gyre up --model PATH.gguf`".to_owned())
}

fn open(model: &str) -> Result<GraphExecutionContext, String> {
    let graph = load_by_name(model).map_err(told)?;
    graph.init_execution_context().map_err(told)
}

type Outputs = Vec<(String, Tensor)>;

fn compute(context: &GraphExecutionContext, input: Option<(&str, Value)>) -> Result<Outputs, String> {
    let inputs = input.map(|(name, value)| {
        let bytes = value.to_string().into_bytes();
        // A question is bounded far below 4 GiB.
        let tensor = Tensor::new(&[bytes.len() as u32], TensorType::U8, &bytes);
        (name.to_owned(), tensor)
    });
    context.compute(inputs.into_iter().collect()).map_err(told)
}

fn bytes(outputs: &Outputs, name: &str) -> Option<Vec<u8>> {
    outputs.iter().find(|(given, _)| given == name).map(|(_, tensor)| tensor.data())
}

fn told(error: Error) -> String {
    error.data()
}
