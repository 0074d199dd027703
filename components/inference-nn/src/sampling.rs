//! How tokens are chosen, as `gyre-chat/1` says it. Pure.

use crate::bindings::exports::gyre::inference::types::{BiasToken, Sampling};
use serde::Serialize;

/// What is absent is the engine's default.
#[derive(Serialize)]
pub(crate) struct SamplingJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logit_bias: Vec<BiasJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<u32>,
}

#[derive(Serialize)]
struct BiasJson<'a> {
    token: TokenJson<'a>,
    bias: f32,
}

#[derive(Serialize)]
#[serde(untagged)]
enum TokenJson<'a> {
    Id(u32),
    Text(&'a str),
}

impl<'a> SamplingJson<'a> {
    /// The JSON of the port's record.
    pub(crate) fn of(sampling: &'a Sampling) -> Self {
        let bias = |(token, bias): &'a (BiasToken, f32)| BiasJson {
            token: match token {
                BiasToken::Id(id) => TokenJson::Id(*id),
                BiasToken::Text(text) => TokenJson::Text(text),
            },
            bias: *bias,
        };
        Self {
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            top_k: sampling.top_k,
            seed: sampling.seed,
            min_p: sampling.min_p,
            frequency_penalty: sampling.frequency_penalty,
            presence_penalty: sampling.presence_penalty,
            logit_bias: sampling.logit_bias.iter().map(bias).collect(),
            logprobs: sampling.logprobs,
        }
    }
}
