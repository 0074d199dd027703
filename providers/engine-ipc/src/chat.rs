//! A completion under way.

use crate::EngineError;
use crate::connection::Pending;
use crate::guard::Guard;
use crate::wire::{Delta, Finish, Logprobs, Response, ToolCall};

use std::collections::VecDeque;
use std::sync::Arc;

/// The deltas of one completion. Dropping it cancels the completion in the worker.
pub struct ChatStream {
    pending: Pending,
    model: String,
    /// Deltas that came and were not taken yet, in order.
    ready: VecDeque<Delta>,
    /// Came from the worker; shown once nothing is ready before it.
    finish: Option<Finish>,
    /// Replies taken since the worker was last told; told in halves of the window, not one by one.
    taken: u32,
    tell_at: u32,
    _guard: Arc<Guard>,
}

/// What one step of reading gives: text, and the calls after it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatStep {
    /// Text to append; may be empty.
    pub delta: String,
    /// Calls made after that text.
    pub tool_calls: Vec<ToolCall>,
    /// How likely each token was, where that was asked for; in order by themselves.
    pub logprobs: Vec<Logprobs>,
    /// Set with the last step.
    pub finish: Option<Finish>,
}

impl ChatStep {
    /// Takes a delta, or gives it back when it is text after a call: its order would be lost.
    fn push(&mut self, delta: Delta) -> Option<Delta> {
        match delta {
            Delta::Text(text) if self.tool_calls.is_empty() => self.delta.push_str(&text),
            Delta::ToolCall(call) => self.tool_calls.push(call),
            Delta::Logprobs(logprobs) => self.logprobs.push(logprobs),
            text => return Some(text),
        }
        None
    }
}

impl ChatStream {
    pub(crate) fn new(pending: Pending, model: String, delta_window: u32, guard: Arc<Guard>) -> Self {
        Self {
            pending,
            model,
            ready: VecDeque::new(),
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
        self.finish.as_ref().filter(|_| self.ready.is_empty())
    }

    /// Waits for the next piece; `None` is the end, and only then is [`Self::finish`] set.
    ///
    /// May be cancelled and called again without loss.
    pub async fn next_delta(&mut self) -> Result<Option<Delta>, EngineError> {
        while self.ready.is_empty() && self.finish.is_none() {
            let response = self.pending.next().await?;
            self.take(response)?;
        }
        Ok(self.ready.pop_front())
    }

    /// Waits for the next piece, then takes along everything that is ready already and in order.
    pub async fn next_step(&mut self) -> Result<ChatStep, EngineError> {
        let mut step = ChatStep::default();
        let mut next = self.next_delta().await?;
        while let Some(delta) = next {
            if let Some(later) = step.push(delta) {
                self.ready.push_front(later);
                return Ok(step);
            }
            next = self.next_ready()?;
        }
        step.finish = self.finish().cloned();
        Ok(step)
    }

    /// A piece that is there already.
    fn next_ready(&mut self) -> Result<Option<Delta>, EngineError> {
        while self.ready.is_empty()
            && self.finish.is_none()
            && let Some(reply) = self.pending.try_next()
        {
            self.take(reply?)?;
        }
        Ok(self.ready.pop_front())
    }

    fn take(&mut self, response: Response) -> Result<(), EngineError> {
        match response {
            Response::Deltas(deltas) => {
                self.taken += 1;
                if self.taken >= self.tell_at {
                    self.pending.credit(std::mem::take(&mut self.taken));
                }
                self.ready.extend(deltas);
                Ok(())
            }
            Response::Finish(finish) => {
                self.finish = Some(finish);
                Ok(())
            }
            _ => Err(EngineError::internal(
                "the worker answered a completion with something else",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_after_a_call_waits_for_the_next_step() {
        let text = |text: &str| Delta::Text(text.to_owned());
        let call = |index| {
            Delta::ToolCall(ToolCall {
                index,
                id: "i".into(),
                name: "n".into(),
                arguments: "{}".into(),
            })
        };
        let mut step = ChatStep::default();
        for delta in [text("a"), text("b"), call(0), call(1)] {
            assert_eq!(step.push(delta), None);
        }
        assert_eq!(step.push(text("c")), Some(text("c")));
        assert_eq!((step.delta.as_str(), step.tool_calls.len()), ("ab", 2));
    }
}
