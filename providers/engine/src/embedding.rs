//! Embeddings: a vector of unit length of each text.

use std::collections::VecDeque;

use gyre_engine_ipc::wire::Response;
use gyre_engine_ipc::{Embeddings, EngineError};

use crate::call::Ticket;
use crate::inbox::Queued;
use crate::pooled::{Read, Reader, Text, Work};
use crate::setup::Job;

/// A call to embed texts.
pub(crate) struct EmbedJob {
    pub(crate) ticket: Ticket,
    pub(crate) texts: Vec<String>,
}

impl Job for EmbedJob {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn into_ticket(self) -> Ticket {
        self.ticket
    }
}

impl Queued for EmbedJob {
    type Line = VecDeque<Self>;
}

/// A call under way.
pub(crate) struct Embedding {
    count: usize,
    texts: std::vec::IntoIter<String>,
    dimension: usize,
    vectors: Vec<f32>,
}

impl Work for Embedding {
    type Job = EmbedJob;

    fn begin(job: EmbedJob, reader: &Reader<'_>) -> (Ticket, Result<Self, EngineError>) {
        let dimension = usize::try_from(reader.model.n_embd_out()).unwrap_or_default();
        let work = Self {
            count: job.texts.len(),
            vectors: vec![0.0; job.texts.len() * dimension],
            texts: job.texts.into_iter(),
            dimension,
        };
        (job.ticket, Ok(work))
    }

    fn texts(&self) -> usize {
        self.count
    }

    /// The last token, which ends a text, stays where it is cut.
    fn next(&mut self, reader: &Reader<'_>) -> Option<Result<Text, EngineError>> {
        let index = self.count - self.texts.len();
        let text = self.texts.next()?;
        let vocabulary = reader.model.vocab();
        let mut tokens = vocabulary.tokenize(text.as_bytes(), true, false);
        if tokens.is_empty() {
            let message = format!("text {index} is empty for this model");
            return Some(Err(EngineError::invalid(message)));
        }
        let is_cut = tokens.len() > reader.tokens_max;
        if is_cut {
            let last = tokens[tokens.len() - 1];
            tokens.truncate(reader.tokens_max);
            if vocabulary.should_add_sep() || vocabulary.should_add_eos() {
                tokens[reader.tokens_max - 1] = last;
            }
        }
        Some(Ok(Text { tokens, is_cut }))
    }

    fn take(&mut self, text: usize, numbers: &[f32]) -> Result<(), EngineError> {
        let vector = &mut self.vectors[text * self.dimension..][..self.dimension];
        if numbers.len() != vector.len() {
            return Err(EngineError::internal(
                "a vector has another length than the model says",
            ));
        }
        vector.copy_from_slice(numbers);
        normalise(vector);
        Ok(())
    }

    fn answer(self, model: &str, read: Read) -> Response {
        Response::Embeddings(Embeddings {
            model: model.to_owned(),
            dimension: self.dimension as u32,
            data: self.vectors,
            prompt_tokens: read.tokens,
            truncated: read.truncated,
        })
    }
}

/// Brings a vector to unit length.
pub(crate) fn normalise(vector: &mut [f32]) {
    let square: f64 = vector
        .iter()
        .map(|number| f64::from(*number) * f64::from(*number))
        .sum();
    let length = square.sqrt();
    if length > 0.0 {
        vector
            .iter_mut()
            .for_each(|number| *number = (f64::from(*number) / length) as f32);
    }
}
