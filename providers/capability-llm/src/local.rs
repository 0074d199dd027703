//! The host's own engine, asked as Spin's interface asks.

use crate::bindings::fermyon::spin::llm::{
    EmbeddingsResult, EmbeddingsUsage, Error, InferencingParams, InferencingResult, InferencingUsage,
};
use gyre_engine_ipc::{Engine, EngineError};
use serde_json::json;

pub(crate) async fn infer(
    engine: &Engine,
    tenant: &str,
    model: &str,
    prompt: String,
    params: InferencingParams,
) -> Result<InferencingResult, Error> {
    let request = request(&prompt, params).to_string().into_bytes();
    let mut stream = engine.chat(model, tenant, request).await.map_err(as_error)?;
    let mut text = String::new();
    loop {
        let step = stream.next_step().await.map_err(as_error)?;
        text.push_str(&step.delta);
        if let Some(finish) = step.finish {
            return Ok(InferencingResult {
                text,
                usage: InferencingUsage {
                    prompt_token_count: finish.usage.prompt_tokens,
                    generated_token_count: finish.usage.completion_tokens,
                },
            });
        }
    }
}

pub(crate) async fn embed(
    engine: &Engine,
    model: &str,
    texts: Vec<String>,
) -> Result<EmbeddingsResult, Error> {
    let made = engine.embed(model, texts).await.map_err(as_error)?;
    let dimension = made.dimension.max(1) as usize;
    Ok(EmbeddingsResult {
        embeddings: made.data.chunks(dimension).map(<[f32]>::to_vec).collect(),
        usage: EmbeddingsUsage {
            prompt_token_count: made.prompt_tokens,
        },
    })
}

/// The prompt as one turn of a user.
fn request(prompt: &str, params: InferencingParams) -> serde_json::Value {
    json!({
        "messages": [{ "role": "user", "content": prompt }],
        "sampling": {
            "temperature": params.temperature,
            "top_p": params.top_p,
            "top_k": params.top_k.max(1),
            "repeat_penalty": params.repeat_penalty,
            "repeat_last_n": params.repeat_penalty_last_n_token_count,
        },
        "budget": { "max_tokens": params.max_tokens },
    })
}

fn as_error(error: EngineError) -> Error {
    match &error {
        EngineError::ModelNotFound { .. } => Error::ModelNotSupported,
        EngineError::Invalid { .. } | EngineError::ContextTooLong { .. } => {
            Error::InvalidInput(format!("{error}; hint: {}", error.hint()))
        }
        _ => Error::RuntimeError(format!("{error}; hint: {}", error.hint())),
    }
}
