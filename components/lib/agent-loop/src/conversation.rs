//! What the model is told: the persona, what was said before, what was found, what tools answered.

use gyre_agent_wire::Passage;
use gyre_agent_wire::passage::{SEARCH_TOOL, tool_content};
use gyre_chat_wire::{ChatRequest, Message, Role, Tool, ToolCall, ToolChoice};
use serde_json::json;

use crate::config::{Config, Task};

/// The messages of a run so far.
#[derive(Debug)]
pub(crate) struct Conversation {
    messages: Vec<Message>,
    /// Where what was said before goes: after the instructions, before the question.
    history_at: usize,
}

impl Conversation {
    pub(crate) fn new(system: &str, task: &Task) -> Self {
        let mut messages = Vec::with_capacity(task.history.len() + 4);
        if !system.is_empty() {
            messages.push(Message::text(Role::System, system));
        }
        let history_at = messages.len();
        messages.extend(task.history.iter().cloned());
        messages.push(Message::text(Role::User, task.input.as_str()));
        Self { messages, history_at }
    }

    /// A session was recalled.
    pub(crate) fn recalled(&mut self, history: Vec<Message>) {
        self.messages.splice(self.history_at..self.history_at, history);
    }

    /// The assistant called tools, after it said this: its own search, or what the model asked for.
    pub(crate) fn called(&mut self, said: String, calls: Vec<ToolCall>) {
        self.messages.push(Message {
            tool_calls: calls,
            ..Message::text(Role::Assistant, said)
        });
    }

    /// The search found passages; the first of them has this mark.
    pub(crate) fn found(&mut self, call_id: &str, passages: &[Passage], first_mark: usize) {
        self.answered(call_id, tool_content(passages, first_mark));
    }

    /// A tool said something else.
    pub(crate) fn answered(&mut self, call_id: &str, content: String) {
        self.messages.push(Message {
            tool_call_id: Some(call_id.to_owned()),
            ..Message::text(Role::Tool, content)
        });
    }

    /// The next completion, which is the `step`-th. The last is offered no tools: it has to answer.
    pub(crate) fn request(&self, config: &Config, step: u32) -> ChatRequest {
        let tools = if step < config.steps_max {
            offered(config)
        } else {
            Vec::new()
        };
        let forced = step == 1 && !tools.is_empty();
        ChatRequest {
            tools,
            tool_choice: if forced {
                config.tool_choice.clone()
            } else {
                ToolChoice::Auto
            },
            sampling: config.sampling.clone(),
            max_tokens: config.tokens_max,
            adapter: config.adapter.clone(),
            stream: true,
            include_usage: true,
            ..ChatRequest::new(config.model.as_str(), self.messages.clone())
        }
    }
}

fn offered(config: &Config) -> Vec<Tool> {
    let search = config.search_tool.then(search_tool);
    let granted = config.tools.iter().map(|grant| grant.tool.clone());
    search.into_iter().chain(granted).collect()
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
        description: "Finds passages of the user's documents, each with its mark. Cite a passage by its mark, as in [1]."
            .to_owned(),
        parameters: parameters.to_string(),
    }
}
