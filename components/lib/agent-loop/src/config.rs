//! What an agent is, and what it is asked.

use gyre_chat_wire::{Message, Sampling, Tool, ToolChoice};

/// What an agent is, and its bounds.
#[derive(Debug, Clone)]
pub struct Config {
    /// The agent's name.
    pub agent: String,
    /// Its instructions.
    pub system: String,
    /// The model that answers.
    pub model: String,
    /// Whether it retrieves first.
    pub knowledge: bool,
    /// Whether the model may search by itself.
    pub search_tool: bool,
    /// Tools the model may call.
    pub tools: Vec<ToolGrant>,
    /// Whether its first completion has to call one.
    pub tool_choice: ToolChoice,
    /// How the model chooses its words.
    pub sampling: Sampling,
    /// Messages of a session that the model is given.
    pub history_max: u32,
    /// Passages of one search.
    pub passages_max: u32,
    /// Completions of one run.
    pub steps_max: u32,
    /// Bytes of text of one run.
    pub output_bytes_max: usize,
    /// Tokens of one completion.
    pub tokens_max: Option<u32>,
    /// An adapter of the model, by name.
    pub adapter: Option<String>,
}

/// A tool an agent may call, as it was frozen at build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolGrant {
    /// The service that has it.
    pub service: String,
    /// What the model is told of it.
    pub tool: Tool,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Task {
    /// The run's name.
    pub run_id: String,
    /// The question.
    pub input: String,
    /// The conversation that it continues; none when it stands alone.
    pub session: Option<String>,
    /// What was said before: messages of user and assistant, oldest first. A session adds its own.
    pub history: Vec<Message>,
}
