//! The choice of the next token.
//!
//! The order is llama.cpp's common one: bias, penalties, top-k, top-p, min-p, temperature, chance. What a grammar
//! forbids is asked of the chosen token first, and only where it is refused of all: then the same chain chooses
//! among those allowed.

use std::hash::{BuildHasher, RandomState};

use gyre_engine_ipc::{EngineError, Logprobs, TokenLogprob};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;
use llama_cpp_2::token::logit_bias::LlamaLogitBias;
use llama_cpp_2::vocab::LlamaVocab;

use super::logprobs;
use super::request::{BiasToken, LogitBias, Sampling};
use super::rule::Rule;

const TEMPERATURE: f32 = 0.8;
const TOP_P: f32 = 0.95;
const TOP_K: u32 = 40;
/// The last tokens that a penalty looks at, where the request does not say.
const REPEAT_LAST_N: u32 = 64;
/// And at most: each step looks at all of them.
const REPEAT_LAST_N_MAX: u32 = 4_096;

/// Chooses tokens of one sequence.
pub(crate) struct Sampler {
    chain: LlamaSampler,
    /// Whether the chain chooses the likeliest and changes nothing: this is seen without a list of all candidates.
    likeliest: bool,
    rule: Option<Rule>,
    /// How many of the likeliest tokens are told beside the chosen one.
    logprobs: Option<usize>,
}

/// A chosen token.
pub(crate) struct Choice {
    pub(crate) token: LlamaToken,
    /// Where they were asked for.
    pub(crate) logprobs: Option<Logprobs>,
}

impl Sampler {
    /// A sampler whose every token keeps to `rule`.
    pub(crate) fn new(
        model: &LlamaModel,
        sampling: &Sampling,
        rule: Option<Rule>,
    ) -> Result<Self, EngineError> {
        let mut chain = Vec::new();
        if !sampling.logit_bias.is_empty() {
            let biases = biases(&model.vocab(), &sampling.logit_bias).map_err(EngineError::invalid)?;
            chain.push(LlamaSampler::logit_bias(model.n_vocab(), &biases));
        }
        chain.extend(penalties(model, sampling));
        let temperature = sampling.temperature.unwrap_or(TEMPERATURE);
        if temperature > 0.0 {
            chain.push(LlamaSampler::top_k(
                i32::try_from(sampling.top_k.unwrap_or(TOP_K)).unwrap_or(i32::MAX),
            ));
            chain.push(LlamaSampler::top_p(sampling.top_p.unwrap_or(TOP_P), 1));
            if let Some(min_p) = sampling.min_p.filter(|min_p| *min_p > 0.0) {
                chain.push(LlamaSampler::min_p(min_p, 1));
            }
            chain.push(LlamaSampler::temp(temperature));
            chain.push(LlamaSampler::dist(seed(sampling.seed)));
        } else {
            chain.push(LlamaSampler::greedy());
        }
        Ok(Self {
            likeliest: temperature <= 0.0 && chain.len() == 1,
            chain: LlamaSampler::chain(chain, true),
            rule,
            logprobs: sampling.logprobs.map(|count| count as usize),
        })
    }

    /// Chooses from the logits at `index` of the last batch.
    pub(crate) fn choose(
        &mut self,
        context: &LlamaContext<'_>,
        vocabulary: &LlamaVocab<'_>,
        index: i32,
    ) -> Result<Choice, EngineError> {
        let mut chosen = if self.likeliest {
            likeliest(context.get_logits_ith(index))
        } else {
            let mut candidates = context.token_data_array_ith(index);
            self.chain.apply(&mut candidates);
            selected(&candidates)
        };
        if let Some(rule) = &mut self.rule
            && !chosen.is_some_and(|token| rule.allows(token))
        {
            let mut candidates = context.token_data_array_ith(index);
            rule.restrict(&mut candidates);
            self.chain.apply(&mut candidates);
            chosen = selected(&candidates);
        }
        // A grammar that allows nothing leaves only impossible tokens; accepting one would throw in C++.
        let token = chosen.ok_or_else(|| {
            EngineError::internal("no token may follow: the response format or the forced call cannot be met")
        })?;
        if let Some(rule) = &mut self.rule
            && !rule.accept(token, vocabulary)?
        {
            self.rule = None;
        }
        self.chain
            .try_accept(token)
            .map_err(|_| EngineError::internal("the sampler refuses the chosen token"))?;
        let logprobs = self
            .logprobs
            .map(|count| told(context.get_logits_ith(index), vocabulary, token, count));
        Ok(Choice { token, logprobs })
    }
}

fn selected(candidates: &LlamaTokenDataArray) -> Option<LlamaToken> {
    let chosen = candidates
        .selected
        .and_then(|selected| candidates.data.get(selected));
    chosen
        .filter(|it| it.logit() > f32::NEG_INFINITY)
        .map(|it| it.id())
}

/// The first of the likeliest, as llama.cpp's greedy sampler chooses.
fn likeliest(logits: &[f32]) -> Option<LlamaToken> {
    let (mut best, mut most) = (None, f32::NEG_INFINITY);
    for (token, logit) in logits.iter().enumerate() {
        if *logit > most {
            (best, most) = (Some(token), *logit);
        }
    }
    best.and_then(|token| i32::try_from(token).ok()).map(LlamaToken)
}

/// Of the model's own distribution: before bias, penalties, grammar and temperature.
fn told(logits: &[f32], vocabulary: &LlamaVocab<'_>, token: LlamaToken, count: usize) -> Logprobs {
    let told = |token, logprob| TokenLogprob {
        bytes: vocabulary.token_to_piece(token, true, None),
        logprob,
    };
    let (chosen, top) = logprobs::of(logits, usize::try_from(token.0).unwrap_or(usize::MAX), count);
    let top = top
        .into_iter()
        .map(|(at, logprob)| told(LlamaToken(at as i32), logprob));
    Logprobs {
        chosen: told(token, chosen),
        top: top.collect(),
    }
}

/// Looks at what the model wrote, not at the prompt.
fn penalties(model: &LlamaModel, sampling: &Sampling) -> Option<LlamaSampler> {
    let repeat = sampling.repeat_penalty.unwrap_or(1.0);
    let frequency = sampling.frequency_penalty.unwrap_or(0.0);
    let presence = sampling.presence_penalty.unwrap_or(0.0);
    if repeat == 1.0 && frequency == 0.0 && presence == 0.0 {
        return None;
    }
    let last_n = sampling
        .repeat_last_n
        .unwrap_or(REPEAT_LAST_N)
        .min(REPEAT_LAST_N_MAX);
    Some(LlamaSampler::penalties(
        model.n_vocab(),
        last_n.cast_signed(),
        repeat,
        frequency,
        presence,
    ))
}

/// The biases by token; fails with what is wrong. A text is one only where it is one token here.
fn biases(vocabulary: &LlamaVocab<'_>, biases: &[LogitBias]) -> Result<Vec<LlamaLogitBias>, String> {
    let token = |at: usize, bias: &LogitBias| match &bias.token {
        BiasToken::Id(id) => i32::try_from(*id)
            .ok()
            .filter(|id| *id < vocabulary.n_tokens())
            .map(LlamaToken)
            .ok_or_else(|| {
                format!(
                    "logit_bias names the token {id}, and this model has {}",
                    vocabulary.n_tokens()
                )
            }),
        BiasToken::Text(text) => match vocabulary.tokenize(text.as_bytes(), false, false)[..] {
            [token] => Ok(token),
            ref tokens => Err(format!(
                "text {at} of logit_bias is {} tokens to this model: name one token, by a text or by its number",
                tokens.len()
            )),
        },
    };
    let bias = |(at, it)| Ok(LlamaLogitBias::new(token(at, it)?, it.bias));
    biases.iter().enumerate().map(bias).collect()
}

/// llama.cpp takes 32 bits and reads all ones as "any seed".
fn seed(seed: Option<u64>) -> u32 {
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
    match (seed ^ (seed >> 32)) as u32 {
        u32::MAX => 0,
        folded => folded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_likeliest_is_chosen() {
        let (no, never) = (f32::NAN, f32::NEG_INFINITY);
        for (logits, expected) in [
            (&[1.0, 3.0, 2.0, 3.0][..], Some(1)),
            (&[-7.0], Some(0)),
            (&[never, -2.0], Some(1)),
            (&[never, never], None),
            (&[no, 1.0], Some(1)),
            (&[no], None),
            (&[], None),
        ] {
            assert_eq!(likeliest(logits), expected.map(LlamaToken), "{logits:?}");
        }
    }
}
