//! Folding a stream of events into the one JSON answer of a call without `stream`.

use serde::{Deserialize, Serialize};

use crate::event::{Event, Usage};
use crate::passage::{RetrievalState, Span};

/// Longest answer that is folded.
const OUTPUT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A mark of the answer and what it points at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// The n of the mark `[n]`.
    pub mark: u32,
    /// The document.
    pub source: String,
    /// Where in it.
    pub span: Span,
    /// The passage.
    pub quote: String,
}

/// The answer of a run that ended well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The run.
    pub id: String,
    /// The agent that ran.
    pub agent: String,
    /// The conversation that the run continued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The text.
    pub output: String,
    /// What its marks point at, each once.
    pub citations: Vec<Citation>,
    /// Marks that the model set and their passages do not support.
    #[serde(default)]
    pub citations_removed: u32,
    /// The model that answered.
    pub model: String,
    /// How passages were found.
    pub retrieval: Option<RetrievalState>,
    /// What the run spent.
    pub usage: Usage,
    /// Why the model stopped.
    pub finish_reason: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FoldError {
    /// The run said that it failed.
    #[error("{message}")]
    Failed {
        /// The kind, in kebab-case.
        kind: String,
        /// What failed.
        message: String,
        /// The cure.
        hint: String,
    },
    /// The events ended before the run did.
    #[error("the run was cut: its events ended without `done` or `error`")]
    Cut,
    /// The answer is longer than is folded.
    #[error("the answer is longer than {OUTPUT_BYTES_MAX} bytes")]
    TooLarge,
}

/// Takes events one by one.
#[derive(Debug, Default)]
pub struct Folder {
    id: String,
    agent: String,
    session: Option<String>,
    output: String,
    citations: Vec<Citation>,
    end: Option<Event>,
}

impl Folder {
    /// A folder before the first event.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next event.
    pub fn push(&mut self, event: Event) -> Result<(), FoldError> {
        match event {
            Event::RunStarted {
                run_id,
                agent,
                session,
            } => (self.id, self.agent, self.session) = (run_id, agent, session),
            Event::TextDelta { text } if self.output.len() + text.len() > OUTPUT_BYTES_MAX => {
                return Err(FoldError::TooLarge);
            }
            Event::TextDelta { text } => self.output.push_str(&text),
            Event::Citation {
                mark,
                source,
                span,
                quote,
            } => {
                if self.citations.iter().all(|c| c.mark != mark) {
                    self.citations.push(Citation {
                        mark,
                        source,
                        span,
                        quote,
                    });
                }
            }
            Event::ToolCall { .. } | Event::ToolResult { .. } | Event::Usage(_) => {}
            end @ (Event::Error { .. } | Event::Done { .. }) => self.end = Some(end),
        }
        Ok(())
    }

    /// The answer, when the last event said that there is one.
    pub fn finish(self) -> Result<Answer, FoldError> {
        match self.end {
            Some(Event::Done {
                finish_reason,
                model,
                usage,
                retrieval,
                citations_removed,
            }) => Ok(Answer {
                id: self.id,
                agent: self.agent,
                session: self.session,
                output: self.output,
                citations: self.citations,
                citations_removed,
                model,
                retrieval,
                usage,
                finish_reason,
            }),
            Some(Event::Error { kind, message, hint }) => Err(FoldError::Failed { kind, message, hint }),
            _ => Err(FoldError::Cut),
        }
    }
}
