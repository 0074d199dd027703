//! A completion under way.

use crate::EngineError;
use crate::connection::Pending;
use crate::engine::Guard;
use crate::wire::{Finish, Response};

use std::sync::Arc;

/// The deltas of one completion. Dropping it cancels the completion in the worker.
pub struct ChatStream {
    pending: Pending,
    model: String,
    finish: Option<Finish>,
    /// Deltas taken since the worker was last told; told in halves of the window, not one by one.
    taken: u32,
    tell_at: u32,
    _guard: Arc<Guard>,
}

/// What one step of reading gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatStep {
    /// Text to append; may be empty.
    pub delta: String,
    /// Set with the last step.
    pub finish: Option<Finish>,
}

impl ChatStream {
    pub(crate) fn new(pending: Pending, model: String, delta_window: u32, guard: Arc<Guard>) -> Self {
        Self {
            pending,
            model,
            finish: None,
            taken: 0,
            tell_at: (delta_window / 2).max(1),
            _guard: guard,
        }
    }

    /// The model that answers.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How the completion ended, once [`Self::next_delta`] gave `None`.
    pub fn finish(&self) -> Option<&Finish> {
        self.finish.as_ref()
    }

    /// Waits for the next piece of text; `None` is the end, and only then is [`Self::finish`] set.
    ///
    /// May be cancelled and called again without loss.
    pub async fn next_delta(&mut self) -> Result<Option<String>, EngineError> {
        if self.finish.is_some() {
            return Ok(None);
        }
        let response = self.pending.next().await?;
        self.take(response)
    }

    /// Waits for the next piece, then takes along everything that is ready already.
    pub async fn next_step(&mut self) -> Result<ChatStep, EngineError> {
        let Some(mut delta) = self.next_delta().await? else {
            return Ok(ChatStep {
                delta: String::new(),
                finish: self.finish.clone(),
            });
        };
        while let Some(reply) = self.pending.try_next() {
            match self.take(reply?)? {
                Some(more) => delta.push_str(&more),
                None => break,
            }
        }
        Ok(ChatStep {
            delta,
            finish: self.finish.clone(),
        })
    }

    fn take(&mut self, response: Response) -> Result<Option<String>, EngineError> {
        match response {
            Response::Delta { text } => {
                self.taken += 1;
                if self.taken >= self.tell_at {
                    self.pending.credit(std::mem::take(&mut self.taken));
                }
                Ok(Some(text))
            }
            Response::Finish(finish) => {
                self.finish = Some(finish);
                Ok(None)
            }
            _ => Err(EngineError::internal(
                "the worker answered a completion with something else",
            )),
        }
    }
}
