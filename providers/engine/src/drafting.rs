//! A small model that writes ahead for a large one: what it proposes, the large one checks in one batch.

use std::num::NonZeroU32;

use gyre_engine_ipc::EngineError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use crate::batch::CHAT_TOKENS;
use crate::setup::Setup;

/// Whether `draft` can write ahead for `model`; why not otherwise.
pub(crate) fn check(model: &LlamaModel, draft: &LlamaModel) -> Result<(), String> {
    // What is refused of a proposal must be taken back, which these cannot.
    if [model, draft]
        .iter()
        .any(|it| it.is_recurrent() || it.is_hybrid())
    {
        return Err("one of them is recurrent and cannot take tokens back".to_owned());
    }
    let (large, small) = (model.vocab(), draft.vocab());
    if large.n_tokens() != small.n_tokens() {
        return Err(format!(
            "its vocabulary has {} tokens, and that of the model {}",
            small.n_tokens(),
            large.n_tokens()
        ));
    }
    let differs = |token: &LlamaToken| {
        large.text(*token) != small.text(*token) || large.is_eog(*token) != small.is_eog(*token)
    };
    if (0..large.n_tokens()).map(LlamaToken).any(|token| differs(&token)) {
        return Err("its vocabulary is another than the model's".to_owned());
    }
    Ok(())
}

/// The small model and what it has read.
pub(crate) struct Drafter<'m> {
    context: LlamaContext<'m>,
    batch: LlamaBatch<'static>,
    read: Vec<LlamaToken>,
    context_tokens: usize,
}

impl<'m> Drafter<'m> {
    /// With a context of so many tokens, if the model can have them.
    pub(crate) fn new(setup: &Setup, model: &'m LlamaModel, tokens: u32) -> Result<Self, EngineError> {
        let tokens = tokens.min(model.n_ctx_train()).max(1);
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(tokens))
            .with_n_batch(CHAT_TOKENS as u32)
            .with_n_ubatch(CHAT_TOKENS as u32)
            .with_n_seq_max(1)
            .with_n_threads(setup.args.threads())
            .with_n_threads_batch(setup.args.threads());
        let context = model.new_context(&setup.backend, params);
        let context = context.map_err(|error| {
            EngineError::internal(format!("no context can be made for the draft model: {error}"))
        })?;
        Ok(Self {
            context,
            batch: LlamaBatch::new(CHAT_TOKENS, 1),
            read: Vec::new(),
            context_tokens: tokens as usize,
        })
    }

    /// What may follow this text: at most so many tokens, none where its context ends.
    pub(crate) fn propose(
        &mut self,
        text: &[LlamaToken],
        count: usize,
    ) -> Result<Vec<LlamaToken>, EngineError> {
        let mut proposed = Vec::with_capacity(count);
        if text.is_empty() || count == 0 || text.len() + count > self.context_tokens {
            return Ok(proposed);
        }
        // The last token is read anew: what follows is told only of what is read now.
        let common = common(&self.read, &text[..text.len() - 1]);
        self.forget_after(common)?;
        for part in text[common..].chunks(CHAT_TOKENS) {
            self.read_on(part)?;
        }
        loop {
            proposed.push(self.likeliest()?);
            match proposed.last() {
                Some(last) if proposed.len() < count => self.read_on(&[*last])?,
                _ => return Ok(proposed),
            }
        }
    }

    fn forget_after(&mut self, kept: usize) -> Result<(), EngineError> {
        let from = u32::try_from(kept).ok();
        match self.context.clear_kv_cache_seq(Some(0), from, None) {
            Ok(true) => {
                self.read.truncate(kept);
                Ok(())
            }
            _ => Err(EngineError::internal("the draft model cannot take tokens back")),
        }
    }

    fn read_on(&mut self, tokens: &[LlamaToken]) -> Result<(), EngineError> {
        self.batch.clear();
        let failed = |error: String| EngineError::internal(format!("the draft model failed: {error}"));
        for (offset, token) in tokens.iter().enumerate() {
            let position = i32::try_from(self.read.len() + offset).unwrap_or(i32::MAX);
            self.batch
                .add(*token, position, &[0], offset + 1 == tokens.len())
                .map_err(|error| failed(error.to_string()))?;
        }
        self.context
            .decode(&mut self.batch)
            .map_err(|error| failed(error.to_string()))?;
        self.read.extend(tokens);
        Ok(())
    }

    fn likeliest(&self) -> Result<LlamaToken, EngineError> {
        let logits = self.context.get_logits_ith(self.batch.n_tokens() - 1);
        let best = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
        let best = best.and_then(|best| i32::try_from(best).ok());
        best.map(LlamaToken)
            .ok_or_else(|| EngineError::internal("the draft model proposes nothing"))
    }
}

/// How many tokens both begin with.
fn common(a: &[LlamaToken], b: &[LlamaToken]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
