//! What the model is told: the persona, what was said before, what was found.

use gyre_agent_wire::Passage;
use gyre_agent_wire::passage::{SEARCH_TOOL, tool_content};
use gyre_chat_wire::{ChatRequest, Message, Role, Tool, ToolCall};
use serde_json::json;

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
    /// Whether the model may search again by itself.
    pub search_again: bool,
    /// Passages of one search.
    pub passages_max: u32,
    /// Completions of one run.
    pub steps_max: u32,
    /// Bytes of text of one run.
    pub output_bytes_max: usize,
    /// Tokens of one completion.
    pub tokens_max: Option<u32>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Task {
    /// The run's name.
    pub run_id: String,
    /// The question.
    pub input: String,
    /// What was said before: messages of user and assistant, oldest first.
    pub history: Vec<Message>,
}

/// The messages of a run so far.
#[derive(Debug)]
pub(crate) struct Conversation(Vec<Message>);

impl Conversation {
    pub(crate) fn new(system: &str, task: &Task) -> Self {
        let mut messages = Vec::with_capacity(task.history.len() + 4);
        if !system.is_empty() {
            messages.push(Message::text(Role::System, system));
        }
        messages.extend(task.history.iter().cloned());
        messages.push(Message::text(Role::User, task.input.as_str()));
        Self(messages)
    }

    /// The assistant called a tool: its own search, or what the model asked for.
    pub(crate) fn called(&mut self, calls: Vec<ToolCall>) {
        self.0.push(Message {
            tool_calls: calls,
            ..Message::text(Role::Assistant, "")
        });
    }

    /// The tool found passages.
    pub(crate) fn found(&mut self, call_id: &str, passages: &[Passage]) {
        self.answered(call_id, tool_content(passages));
    }

    /// The tool said something else.
    pub(crate) fn answered(&mut self, call_id: &str, content: String) {
        self.0.push(Message {
            tool_call_id: Some(call_id.to_owned()),
            ..Message::text(Role::Tool, content)
        });
    }

    pub(crate) fn request(&self, config: &Config, may_call: bool) -> ChatRequest {
        let tools = if config.knowledge && config.search_again && may_call {
            vec![search_tool()]
        } else {
            vec![]
        };
        ChatRequest {
            tools,
            max_tokens: config.tokens_max,
            stream: true,
            include_usage: true,
            ..ChatRequest::new(config.model.as_str(), self.0.clone())
        }
    }
}

fn search_tool() -> Tool {
    let parameters = json!({
        "type": "object",
        "properties": { "query": { "type": "string", "description": "what to look for" } },
        "required": ["query"],
        "additionalProperties": false,
    });
    Tool {
        name: SEARCH_TOOL.to_owned(),
        description: "Finds passages of the user's documents.".to_owned(),
        parameters: parameters.to_string(),
    }
}
