//! The port's interfaces: read the script, play it.

use crate::bindings::exports::gyre::inference::types::{
    Abilities, ChatRequest, Completion, Delta, EmbedRequest, Embeddings, Error, FinishReason, Model, Outcome,
    ToolCallDelta, Usage,
};
use crate::bindings::exports::gyre::inference::{chat, embedding, models};
use crate::bindings::{Leaf, wit_future, wit_stream};
use crate::order;
use crate::patience::Patience;
use crate::script::{Ending, INTRODUCTION, Script};
use crate::vector;
use wit_bindgen::StreamWriter;

/// Name of the double.
const MODEL: &str = "double";
const RETRY_AFTER_MS: u64 = 1_500;
const HANG_MS: u64 = 600_000;

impl chat::Guest for Leaf {
    async fn complete(request: ChatRequest) -> Result<Completion, Error> {
        check(&request.model)?;
        check_served(&request)?;
        let script = order::of(&request.messages).map_err(Error::Invalid)?;
        if script == Script::Overloaded {
            return Err(Error::Overloaded(RETRY_AFTER_MS));
        }
        let prompt_tokens = request
            .messages
            .iter()
            .map(|message| words(&message.content))
            .sum();
        let limit = request.budget.max_tokens.unwrap_or(u32::MAX);
        let patience = Patience::new(request.budget.time_ms_max);
        let (mut writer, deltas) = wit_stream::new();
        let (outcome_writer, outcome) = wit_future::new(|| Err(Error::Cancelled));
        wit_bindgen::spawn(async move {
            let played = play(&mut writer, script, limit, patience).await;
            drop(writer);
            let ended = played.map(|(finish_reason, completion_tokens)| Outcome {
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

/// Plays a script. A piece is a token.
async fn play(
    writer: &mut StreamWriter<Delta>,
    script: Script,
    limit: u32,
    patience: Patience,
) -> Result<(FinishReason, u32), Error> {
    write(writer, Delta::Text(INTRODUCTION.to_owned())).await?;
    let (pieces, delay_ms, ending) = match script {
        Script::Say {
            pieces,
            delay_ms,
            ending,
        } => (pieces, delay_ms, ending),
        Script::Call { name, arguments } => return call(writer, name, arguments).await,
        Script::Overloaded => return Err(Error::Overloaded(RETRY_AFTER_MS)),
    };
    let mut tokens = 1;
    for piece in pieces {
        if tokens >= limit {
            return Ok((FinishReason::Length, tokens));
        }
        if patience.wait(delay_ms).await.is_err() {
            return Ok((FinishReason::TimeExhausted, tokens));
        }
        write(writer, Delta::Text(piece)).await?;
        tokens += 1;
    }
    match ending {
        Ending::Stop => Ok((FinishReason::Stop, tokens)),
        Ending::Fail => Err(Error::Internal("the double was told to fail".into())),
        Ending::Hang => {
            if patience.wait(HANG_MS).await.is_err() {
                return Ok((FinishReason::TimeExhausted, tokens));
            }
            Err(Error::BudgetExhausted("the double hung for ten minutes".into()))
        }
    }
}

async fn call(
    writer: &mut StreamWriter<Delta>,
    name: String,
    arguments: String,
) -> Result<(FinishReason, u32), Error> {
    let mut middle = arguments.len() / 2;
    while !arguments.is_char_boundary(middle) {
        middle += 1;
    }
    let (first, second) = arguments.split_at(middle);
    let part = |id: Option<&str>, name: Option<String>, arguments: &str| {
        let id = id.map(str::to_owned);
        Delta::ToolCall(ToolCallDelta {
            index: 0,
            id,
            name,
            arguments: arguments.to_owned(),
        })
    };
    write(writer, part(Some("call-1"), Some(name), first)).await?;
    write(writer, part(None, None, second)).await?;
    Ok((FinishReason::ToolCalls, 3))
}

async fn write(writer: &mut StreamWriter<Delta>, delta: Delta) -> Result<(), Error> {
    match writer.write_one(delta).await {
        None => Ok(()),
        Some(_) => Err(Error::Cancelled),
    }
}

fn check(model: &str) -> Result<(), Error> {
    if model == MODEL {
        return Ok(());
    }
    Err(Error::ModelNotFound(format!(
        "no model `{model}` here; hint: the model here is `{MODEL}`, and it is a double"
    )))
}

/// A double chooses no tokens, and has no model that could be adapted or paid for.
fn check_served(request: &ChatRequest) -> Result<(), Error> {
    let (sampling, budget) = (&request.sampling, &request.budget);
    let asked = [
        (request.adapter.is_some(), "adapter"),
        (budget.total_tokens.is_some(), "budget.total_tokens"),
        (budget.cost_micros_max.is_some(), "budget.cost_micros_max"),
        (sampling.logprobs.is_some(), "logprobs"),
        (!sampling.logit_bias.is_empty(), "logit_bias"),
        (sampling.min_p.is_some(), "min_p"),
        (sampling.frequency_penalty.is_some(), "frequency_penalty"),
        (sampling.presence_penalty.is_some(), "presence_penalty"),
    ];
    match asked.iter().find(|(asked, _)| *asked) {
        Some((_, name)) => Err(Error::Unsupported(format!(
            "the double is no model and knows no {name}; hint: leave it out"
        ))),
        None => Ok(()),
    }
}

fn words(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}

impl embedding::Guest for Leaf {
    async fn embed(request: EmbedRequest) -> Result<Embeddings, Error> {
        check(&request.model)?;
        let vectors = request.texts.iter().map(|text| vector::of(text)).collect();
        let prompt_tokens = request.texts.iter().map(|text| words(text)).sum();
        Ok(Embeddings {
            model: MODEL.to_owned(),
            vectors,
            prompt_tokens,
        })
    }
}

impl models::Guest for Leaf {
    async fn list() -> Result<Vec<Model>, Error> {
        Ok(vec![Model {
            name: MODEL.to_owned(),
            abilities: Abilities::CHAT | Abilities::EMBEDDING,
        }])
    }
}
