//! The choice of the next token.

use std::hash::{BuildHasher, RandomState};

use gyre_engine_ipc::EngineError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;

use super::request::Sampling;

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
}

impl Sampler {
    /// `grammar` is GBNF that every token must keep to.
    pub(crate) fn new(
        model: &LlamaModel,
        sampling: &Sampling,
        grammar: Option<&str>,
    ) -> Result<Self, EngineError> {
        let mut chain = Vec::new();
        if let Some(grammar) = grammar {
            let grammar = LlamaSampler::grammar(model, grammar, "root");
            chain.push(grammar.map_err(|_| {
                EngineError::invalid("the response format or the tools make no grammar: simplify them")
            })?);
        }
        if let Some(penalty) = sampling.repeat_penalty.filter(|penalty| *penalty != 1.0) {
            let last_n = sampling
                .repeat_last_n
                .unwrap_or(REPEAT_LAST_N)
                .min(REPEAT_LAST_N_MAX);
            chain.push(LlamaSampler::penalties(
                model.n_vocab(),
                last_n.cast_signed(),
                penalty,
                0.0,
                0.0,
            ));
        }
        let temperature = sampling.temperature.unwrap_or(TEMPERATURE);
        if temperature > 0.0 {
            chain.push(LlamaSampler::top_k(
                i32::try_from(sampling.top_k.unwrap_or(TOP_K)).unwrap_or(i32::MAX),
            ));
            chain.push(LlamaSampler::top_p(sampling.top_p.unwrap_or(TOP_P), 1));
            chain.push(LlamaSampler::temp(temperature));
            chain.push(LlamaSampler::dist(seed(sampling.seed)));
        } else {
            chain.push(LlamaSampler::greedy());
        }
        Ok(Self {
            chain: LlamaSampler::chain(chain, true),
        })
    }

    /// Chooses from the logits at `index` of the last batch.
    pub(crate) fn choose(
        &mut self,
        context: &LlamaContext<'_>,
        index: i32,
    ) -> Result<LlamaToken, EngineError> {
        let mut candidates = context.token_data_array_ith(index);
        self.chain.apply(&mut candidates);
        // A grammar that allows nothing leaves only impossible tokens; accepting one would throw in C++.
        let chosen = candidates
            .selected
            .and_then(|selected| candidates.data.get(selected));
        let token = match chosen {
            Some(candidate) if candidate.logit() > f32::NEG_INFINITY => candidate.id(),
            _ => {
                return Err(EngineError::internal(
                    "no token may follow: the response format or the forced call cannot be met",
                ));
            }
        };
        self.chain
            .try_accept(token)
            .map_err(|_| EngineError::internal("the grammar refuses the chosen token"))?;
        Ok(token)
    }
}

/// llama.cpp takes 32 bits and reads all ones as "any seed".
fn seed(seed: Option<u64>) -> u32 {
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
    match (seed ^ (seed >> 32)) as u32 {
        u32::MAX => 0,
        folded => folded,
    }
}
