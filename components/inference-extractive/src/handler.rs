//! The port's interfaces: parse, call, stream.

use crate::bindings::exports::gyre::inference::types::{
    Abilities, ChatRequest, Completion, Delta, EmbedRequest, Embeddings, Error, FinishReason, Model, Outcome,
    ResponseFormat, Usage,
};
use crate::bindings::exports::gyre::inference::{chat, embedding, models};
use crate::bindings::{Leaf, wit_future, wit_stream};
use crate::{answer, conversation, words};
use wit_bindgen::StreamWriter;

/// Name of the one model there is.
const MODEL: &str = "gyre-extractive";

impl chat::Guest for Leaf {
    async fn complete(request: ChatRequest) -> Result<Completion, Error> {
        check(&request)?;
        let task = conversation::read(&request.messages).map_err(Error::Invalid)?;
        let pieces = answer::write(&task);
        let prompt_tokens = request
            .messages
            .iter()
            .map(|it| words::count(&it.content))
            .fold(0, u32::saturating_add);
        let limit = request.budget.max_tokens;
        let (mut writer, deltas) = wit_stream::new();
        let (outcome_writer, outcome) = wit_future::new(|| Err(Error::Cancelled));
        wit_bindgen::spawn(async move {
            let ended = stream(&mut writer, pieces, limit).await;
            drop(writer);
            let ended = ended.map(|(finish_reason, completion_tokens)| Outcome {
                finish_reason,
                usage: Usage {
                    prompt_tokens,
                    completion_tokens,
                    cached_prompt_tokens: None,
                },
            });
            // A reader that is gone needs no outcome.
            let _ = outcome_writer.write(ended).await;
        });
        Ok(Completion {
            model: MODEL.to_owned(),
            deltas,
            outcome,
        })
    }
}

/// Writes whole pieces while the limit of words allows.
async fn stream(
    writer: &mut StreamWriter<Delta>,
    pieces: Vec<String>,
    limit: Option<u32>,
) -> Result<(FinishReason, u32), Error> {
    let mut written = 0u32;
    for piece in pieces {
        let after = written.saturating_add(words::count(&piece));
        if limit.is_some_and(|limit| after > limit) {
            return Ok((FinishReason::Length, written));
        }
        if writer.write_one(Delta::Text(piece)).await.is_some() {
            return Err(Error::Cancelled);
        }
        written = after;
    }
    Ok((FinishReason::Stop, written))
}

fn check(request: &ChatRequest) -> Result<(), Error> {
    if request.model != MODEL {
        return Err(Error::ModelNotFound(format!(
            "no model `{}` here; hint: the model here is `{MODEL}`",
            request.model
        )));
    }
    if !request.tools.is_empty() {
        return Err(unsupported("call tools"));
    }
    if !matches!(request.format, ResponseFormat::Text) {
        return Err(unsupported("answer in JSON"));
    }
    match refused(request) {
        Some(what) => Err(unsupported(what)),
        None => Ok(()),
    }
}

/// What cannot be done without a model and its tokens, and would change what a reader relies on.
fn refused(request: &ChatRequest) -> Option<&'static str> {
    let (sampling, budget) = (&request.sampling, &request.budget);
    let asked = [
        (request.adapter.is_some(), "apply an adapter"),
        (budget.total_tokens.is_some(), "keep to budget.total_tokens"),
        (budget.cost_micros_max.is_some(), "keep to budget.cost_micros_max"),
        (budget.time_ms_max.is_some(), "keep to budget.time_ms_max"),
        (sampling.logprobs.is_some(), "tell logprobs"),
        (!sampling.logit_bias.is_empty(), "keep to a logit_bias"),
        (sampling.min_p.is_some(), "choose by min_p"),
        (sampling.frequency_penalty.is_some(), "apply a frequency_penalty"),
        (sampling.presence_penalty.is_some(), "apply a presence_penalty"),
    ];
    asked.iter().find(|(asked, _)| *asked).map(|(_, what)| *what)
}

fn unsupported(what: &str) -> Error {
    Error::Unsupported(format!(
        "`{MODEL}` quotes passages and cannot {what}; hint: name another model (GET /v1/models lists them)"
    ))
}

impl embedding::Guest for Leaf {
    async fn embed(_: EmbedRequest) -> Result<Embeddings, Error> {
        Err(unsupported("make embeddings"))
    }
}

impl models::Guest for Leaf {
    async fn list() -> Result<Vec<Model>, Error> {
        Ok(vec![Model {
            name: MODEL.to_owned(),
            abilities: Abilities::CHAT,
        }])
    }
}

#[cfg(test)]
#[path = "handler_tests.rs"]
mod tests;
