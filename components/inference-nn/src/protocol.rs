//! The JSON inside the tensors that the host answers with: of `gyre-chat/1`, of embeddings and of the catalog. Pure.

use crate::bindings::exports::gyre::inference::types::{
    Abilities, FinishReason, Logprobs, Model, Outcome, TokenLogprob, ToolCallDelta, Usage,
};
use serde::Deserialize;

/// Reserved name: its graph lists the models that are granted and present.
pub(crate) const CATALOG: &str = "gyre:models";

/// Appends `piece` to what was carried over and takes the whole characters; what is cut stays carried.
/// `last` says that nothing follows, so a cut character becomes U+FFFD.
pub(crate) fn whole_characters(carry: &mut Vec<u8>, piece: &[u8], last: bool) -> Result<String, String> {
    carry.extend_from_slice(piece);
    let whole = match std::str::from_utf8(carry) {
        Ok(_) => carry.len(),
        Err(error) if error.error_len().is_none() && !last => error.valid_up_to(),
        Err(_) if last => carry.len(),
        Err(error) => {
            return Err(format!(
                "output `delta` is not UTF-8 at byte {}",
                error.valid_up_to()
            ));
        }
    };
    let rest = carry.split_off(whole);
    let bytes = std::mem::replace(carry, rest);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[derive(Deserialize)]
struct ToolCallDeltaJson {
    index: u32,
    id: Option<String>,
    name: Option<String>,
    arguments: String,
}

/// The tensor `tool_calls`: pieces of calls that come after the text of the same compute.
pub(crate) fn tool_calls(json: &[u8]) -> Result<Vec<ToolCallDelta>, String> {
    let calls: Vec<ToolCallDeltaJson> =
        serde_json::from_slice(json).map_err(|error| format!("output `tool_calls`: {error}"))?;
    let delta = |call: ToolCallDeltaJson| ToolCallDelta {
        index: call.index,
        id: call.id,
        name: call.name,
        arguments: call.arguments,
    };
    Ok(calls.into_iter().map(delta).collect())
}

#[derive(Deserialize)]
struct LogprobsJson {
    chosen: TokenLogprobJson,
    top: Vec<TokenLogprobJson>,
}

#[derive(Deserialize)]
struct TokenLogprobJson {
    bytes: Vec<u8>,
    logprob: f32,
}

/// The tensor `logprobs`: how likely the next tokens were.
pub(crate) fn logprobs(json: &[u8]) -> Result<Vec<Logprobs>, String> {
    let all: Vec<LogprobsJson> =
        serde_json::from_slice(json).map_err(|error| format!("output `logprobs`: {error}"))?;
    let token = |it: TokenLogprobJson| TokenLogprob {
        bytes: it.bytes,
        logprob: it.logprob,
    };
    let one = |it: LogprobsJson| Logprobs {
        chosen: token(it.chosen),
        top: it.top.into_iter().map(token).collect(),
    };
    Ok(all.into_iter().map(one).collect())
}

#[derive(Deserialize)]
struct FinishJson {
    reason: String,
}

#[derive(Deserialize)]
struct ChatUsageJson {
    prompt_tokens: u32,
    completion_tokens: u32,
    cached_prompt_tokens: u32,
}

/// The tensors `finish` and `usage` of the last compute. Fails with what is wrong.
pub(crate) fn outcome(finish: &[u8], usage: &[u8]) -> Result<Outcome, String> {
    let finish: FinishJson =
        serde_json::from_slice(finish).map_err(|error| format!("output `finish`: {error}"))?;
    let usage: ChatUsageJson =
        serde_json::from_slice(usage).map_err(|error| format!("output `usage`: {error}"))?;
    let finish_reason = match finish.reason.as_str() {
        "stop" => FinishReason::Stop,
        "length" => FinishReason::Length,
        "tool-calls" => FinishReason::ToolCalls,
        "cost-exhausted" => FinishReason::CostExhausted,
        "time-exhausted" => FinishReason::TimeExhausted,
        other => return Err(format!("output `finish`: unknown reason `{other}`")),
    };
    let usage = Usage {
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: usage.completion_tokens,
        cached_prompt_tokens: Some(usage.cached_prompt_tokens),
    };
    Ok(Outcome { finish_reason, usage })
}

/// Usage of an embedding.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct EmbedUsage {
    /// The model that made the vectors.
    pub(crate) model: String,
    /// Tokens read.
    pub(crate) prompt_tokens: u32,
}

/// The tensor `usage` of an embedding. Fails with what is wrong.
pub(crate) fn embed_usage(usage: &[u8]) -> Result<EmbedUsage, String> {
    serde_json::from_slice(usage).map_err(|error| format!("output `usage`: {error}"))
}

/// The tensor `vectors`, row by row. Fails when its shape is not `[rows, d]` or its length differs.
pub(crate) fn vectors(shape: &[u32], data: &[u8], rows: usize) -> Result<Vec<Vec<f32>>, String> {
    let &[n, dimension] = shape else {
        return Err(format!("output `vectors` has {} dimensions, not 2", shape.len()));
    };
    let row_bytes = dimension as usize * size_of::<f32>();
    if n as usize != rows || row_bytes == 0 || data.len() != rows * row_bytes {
        return Err(format!(
            "output `vectors` is {n} x {dimension} in {} bytes for {rows} texts",
            data.len()
        ));
    }
    let float = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    Ok(data
        .chunks_exact(row_bytes)
        .map(|row| row.chunks_exact(4).map(float).collect())
        .collect())
}

#[derive(Deserialize)]
struct ModelJson {
    name: String,
    abilities: Vec<String>,
}

/// The tensor `models`. Abilities this release does not know are left out.
pub(crate) fn models(json: &[u8]) -> Result<Vec<Model>, String> {
    let models: Vec<ModelJson> =
        serde_json::from_slice(json).map_err(|error| format!("output `models`: {error}"))?;
    Ok(models
        .into_iter()
        .map(|model| {
            let abilities =
                model
                    .abilities
                    .iter()
                    .fold(Abilities::empty(), |known, ability| match ability.as_str() {
                        "chat" => known | Abilities::CHAT,
                        "embedding" => known | Abilities::EMBEDDING,
                        _ => known,
                    });
            Model {
                name: model.name,
                abilities,
            }
        })
        .collect())
}

#[cfg(test)]
#[path = "protocol_tests.rs"]
mod tests;
