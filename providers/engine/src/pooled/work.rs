//! What a pool works on.

use gyre_engine_ipc::EngineError;
use gyre_engine_ipc::wire::Response;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use crate::call::Ticket;
use crate::setup::Job;

/// The texts of one call, and what is made of them.
pub(crate) trait Work: Sized {
    type Job: Job;

    fn begin(job: Self::Job, reader: &Reader<'_>) -> (Ticket, Result<Self, EngineError>);

    /// How many texts there are in all.
    fn texts(&self) -> usize;

    /// The tokens of the next text, cut to what the reader can take; `None` after the last.
    fn next(&mut self, reader: &Reader<'_>) -> Option<Result<Text, EngineError>>;

    /// Takes what was made of a text.
    fn take(&mut self, text: usize, numbers: &[f32]) -> Result<(), EngineError>;

    /// The answer, once all is taken.
    fn answer(self, model: &str, read: Read) -> Response;
}

/// What reads the texts.
pub(crate) struct Reader<'m> {
    pub(crate) model: &'m LlamaModel,
    /// Tokens of one text at most.
    pub(crate) tokens_max: usize,
}

/// A text as tokens.
pub(crate) struct Text {
    pub(crate) tokens: Vec<LlamaToken>,
    /// Its end was left out.
    pub(crate) is_cut: bool,
}

/// What was read of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Read {
    pub(crate) tokens: u32,
    pub(crate) truncated: u32,
}
