//! A grammar that a completion keeps to: from its first token, or from where the model begins a call.

use gyre_engine_ipc::EngineError;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;
use llama_cpp_2::vocab::LlamaVocab;

use super::family::Family;
use super::grammar::{self, Grammar, Hold};
use super::request::ChatRequest;
use super::trigger::Trigger;
use crate::quiet;

/// Says which tokens may come next.
pub(crate) struct Rule {
    grammar: LlamaSampler,
    /// It is in force once this has seen the beginning of a call.
    trigger: Option<Trigger>,
}

/// The rule of a request; `None` where any text will do.
pub(crate) fn of(
    model: &LlamaModel,
    request: &ChatRequest,
    family: Family,
) -> Result<Option<Rule>, EngineError> {
    let make = |hold| {
        let grammar = grammar::of(request, family, hold)?;
        grammar.map(|grammar| Rule::new(model, grammar)).transpose()
    };
    match make(Hold::Schemas) {
        // Who forced nothing is not refused for a schema that no grammar can keep to.
        Err(_) if grammar::is_free(request) => make(Hold::Names),
        made => made,
    }
}

impl Rule {
    fn new(model: &LlamaModel, grammar: Grammar) -> Result<Self, EngineError> {
        let Grammar { gbnf, opening } = grammar;
        let read = quiet::quietly(|| LlamaSampler::grammar(model, &gbnf, "root"));
        let grammar = read.map_err(grammar::unread)?.map_err(|_| {
            EngineError::invalid("the response format or the tools make no grammar: simplify them")
        })?;
        Ok(Self {
            grammar,
            trigger: opening.map(Trigger::new),
        })
    }

    /// Whether this token may come next.
    pub(crate) fn allows(&mut self, token: LlamaToken) -> bool {
        let mut one = LlamaTokenDataArray::from_iter([LlamaTokenData::new(token, 0.0, 0.0)], false);
        self.restrict(&mut one);
        one.data.first().is_some_and(|it| it.logit() > f32::NEG_INFINITY)
    }

    /// Makes all tokens impossible that may not come next.
    pub(crate) fn restrict(&mut self, candidates: &mut LlamaTokenDataArray) {
        if self.trigger.is_none() {
            self.grammar.apply(candidates);
        }
    }

    /// Takes the chosen token. `false`: what began like a call is none, and nothing is ruled any more.
    pub(crate) fn accept(
        &mut self,
        token: LlamaToken,
        vocabulary: &LlamaVocab<'_>,
    ) -> Result<bool, EngineError> {
        let Some(trigger) = &mut self.trigger else {
            let accepted = self.grammar.try_accept(token);
            let refused = |_| EngineError::internal("the grammar refuses the chosen token");
            return accepted.map(|()| true).map_err(refused);
        };
        if vocabulary.is_eog(token) {
            return Ok(true);
        }
        let Some(begun) = trigger.push(token, &vocabulary.token_to_piece(token, true, None)) else {
            return Ok(true);
        };
        self.trigger = None;
        let cut = vocabulary.tokenize(&begun.cut, false, false);
        let mut tokens = cut.into_iter().chain(begun.tokens);
        Ok(tokens.all(|token| self.grammar.try_accept(token).is_ok()))
    }
}

#[cfg(test)]
mod tests;
