//! The event vocabulary of agents. REST, SSE and the CLI render this one stream.

use serde::{Deserialize, Serialize};

use crate::passage::{Passage, RetrievalState, Span};

/// Tokens spent by a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written.
    pub completion_tokens: u64,
}

/// One thing that happened in a run. The last event of a whole stream is `done` or `error`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// The run began.
    #[serde(rename = "run.started")]
    RunStarted {
        /// Identifies the run.
        run_id: String,
        /// The agent that runs.
        agent: String,
        /// The conversation that the run continues; none when it stands alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
    },
    /// The agent calls a tool.
    #[serde(rename = "tool.call")]
    ToolCall {
        /// Identifies the call within the run.
        id: String,
        /// The tool.
        name: String,
        /// A JSON object.
        arguments: serde_json::Value,
    },
    /// The tool answered.
    #[serde(rename = "tool.result")]
    ToolResult {
        /// The call that is answered.
        id: String,
        /// The tool.
        name: String,
        /// Whether the tool failed; the run may go on.
        is_error: bool,
        /// What it answered, as text; a search answers with passages instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
        /// Passages found, when the tool searches.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passages: Option<Vec<Passage>>,
        /// How they were found.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retrieval: Option<RetrievalState>,
    },
    /// More text of the answer.
    #[serde(rename = "text.delta")]
    TextDelta {
        /// What to append.
        text: String,
    },
    /// A mark `[n]` in the text so far points at a passage.
    #[serde(rename = "citation")]
    Citation {
        /// The n of the mark.
        mark: u32,
        /// The document.
        source: String,
        /// Where in it.
        span: Span,
        /// The passage.
        quote: String,
    },
    /// What the run has spent so far.
    #[serde(rename = "usage")]
    Usage(Usage),
    /// The run failed. Nothing follows.
    #[serde(rename = "error")]
    Error {
        /// The kind, in kebab-case.
        kind: String,
        /// What failed.
        message: String,
        /// The cure.
        hint: String,
    },
    /// The run ended well. Nothing follows.
    #[serde(rename = "done")]
    Done {
        /// Why the model stopped: stop, length, …
        finish_reason: String,
        /// The model that answered.
        model: String,
        /// What the run spent.
        usage: Usage,
        /// How passages were found; none when the agent has no knowledge.
        retrieval: Option<RetrievalState>,
        /// Marks that the model set and their passages do not support: they were taken out of the text.
        #[serde(default)]
        citations_removed: u32,
    },
}

impl Event {
    /// The event's name on the wire, equal to its `type`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run.started",
            Self::ToolCall { .. } => "tool.call",
            Self::ToolResult { .. } => "tool.result",
            Self::TextDelta { .. } => "text.delta",
            Self::Citation { .. } => "citation",
            Self::Usage(_) => "usage",
            Self::Error { .. } => "error",
            Self::Done { .. } => "done",
        }
    }

    /// Whether this event ends the stream.
    #[must_use]
    pub fn is_end(&self) -> bool {
        matches!(self, Self::Error { .. } | Self::Done { .. })
    }

    /// An `error` event.
    pub fn error(kind: impl Into<String>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Error {
            kind: kind.into(),
            message: message.into(),
            hint: hint.into(),
        }
    }
}
