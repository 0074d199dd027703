//! An adapter of `gyre:inference`. What is here is a double: it repeats your words and says so.

use exports::gyre::inference::types::{
    Abilities, ChatRequest, Completion, Delta, EmbedRequest, Embeddings, Error, FinishReason, Model, Outcome, Role,
    Usage,
};
use exports::gyre::inference::{chat, embedding, models};
use wit_bindgen::StreamWriter;

wit_bindgen::generate!({ path: "wit", world: "local:adapter/adapter", generate_all });

const MODEL: &str = concat!(env!("CARGO_PKG_NAME"), "-double");
const INTRODUCTION: &str = "I am a double, not a model.";

struct Leaf;

export!(Leaf);

impl chat::Guest for Leaf {
    async fn complete(request: ChatRequest) -> Result<Completion, Error> {
        if request.model != MODEL {
            return Err(Error::ModelNotFound(format!("there is only `{MODEL}` here, and it is a double")));
        }
        let budget = &request.budget;
        let bounded = [budget.cost_micros_max, budget.time_ms_max].iter().any(Option::is_some);
        if request.adapter.is_some() || budget.total_tokens.is_some() || bounded {
            let what = "has no adapters, and no budget but max_tokens; hint: leave out `adapter` and `budget`";
            return Err(Error::Unsupported(format!("`{MODEL}` {what}")));
        }
        let (mut writer, deltas) = wit_stream::new();
        // A reader is told how it ended, also when this leaf is gone before its end.
        let (outcome_writer, outcome) = wit_future::new(|| Err(Error::Cancelled));
        wit_bindgen::spawn(async move {
            let ended = say(&mut writer, &request).await;
            drop(writer);
            // A reader that is gone needs no outcome.
            let _ = outcome_writer.write(ended).await;
        });
        Ok(Completion { model: MODEL.to_owned(), deltas, outcome })
    }
}

/// Says the introduction and the user's last words. A word is a token.
async fn say(writer: &mut StreamWriter<Delta>, request: &ChatRequest) -> Result<Outcome, Error> {
    let last = request.messages.iter().rfind(|message| message.role == Role::User);
    let words = last.map_or("", |message| message.content.as_str()).split_whitespace();
    let tokens_max = request.budget.max_tokens.unwrap_or(u32::MAX);
    let (mut tokens, mut finish_reason) = (0, FinishReason::Stop);
    for piece in std::iter::once(INTRODUCTION.to_owned()).chain(words.map(|word| format!(" {word}"))) {
        if tokens == tokens_max {
            finish_reason = FinishReason::Length;
            break;
        }
        if writer.write_one(Delta::Text(piece)).await.is_some() {
            return Err(Error::Cancelled);
        }
        tokens += 1;
    }
    let prompt_tokens = request.messages.iter().map(|message| message.content.split_whitespace().count()).sum::<usize>();
    let usage = Usage { prompt_tokens: prompt_tokens as u32, completion_tokens: tokens, cached_prompt_tokens: None };
    Ok(Outcome { finish_reason, usage })
}

impl embedding::Guest for Leaf {
    async fn embed(_: EmbedRequest) -> Result<Embeddings, Error> {
        Err(Error::Unsupported(format!("`{MODEL}` makes no embeddings")))
    }
}

impl models::Guest for Leaf {
    async fn list() -> Result<Vec<Model>, Error> {
        Ok(vec![Model { name: MODEL.to_owned(), abilities: Abilities::CHAT }])
    }
}
