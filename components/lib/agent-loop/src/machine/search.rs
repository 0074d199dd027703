//! Searching the knowledge: by the agent itself before it asks, or because the model asked for it.

use gyre_agent_wire::passage::SEARCH_TOOL;
use gyre_agent_wire::{Event, Passages};
use gyre_chat_wire::ToolCall;
use serde_json::{Value, json};

use super::events::{called, result};
use super::{Action, AgentLoop, Failure, State, ToolAnswer, head};

/// Bytes of a query.
const QUERY_BYTES_MAX: usize = 8 * 1024;

impl AgentLoop {
    /// Searches for the question.
    pub(super) fn search_first(&mut self) -> Vec<Action> {
        let query = head(&self.task.input, QUERY_BYTES_MAX).to_owned();
        let call = ToolCall {
            id: "search-1".into(),
            name: SEARCH_TOOL.into(),
            arguments: json!({ "query": query }).to_string(),
        };
        self.conversation.called(String::new(), vec![call.clone()]);
        self.search(call, query, false)
    }

    pub(super) fn search(&mut self, call: ToolCall, query: String, by_model: bool) -> Vec<Action> {
        let limit = self.config.passages_max;
        let told = called(&call, json!({ "query": query, "limit": limit }));
        self.state = State::Searching { call, by_model };
        vec![Action::Emit(told), Action::Retrieve { query, limit }]
    }

    pub(super) fn found(&mut self, call: ToolCall, found: Passages) -> Vec<Action> {
        let first_mark = self.passages.len() + 1;
        self.conversation.found(&call.id, &found.passages, first_mark);
        let told = Event::ToolResult {
            id: call.id,
            name: call.name,
            is_error: false,
            content: None,
            passages: Some(found.passages.clone()),
            retrieval: Some(found.retrieval.clone()),
        };
        self.passages.extend(found.passages);
        self.retrieval = Some(found.retrieval);
        let mut actions = vec![Action::Emit(told)];
        actions.extend(self.call_next());
        actions
    }

    /// A search that the model asked for may fail: it is told. The agent's own may not: there would be nothing to cite.
    pub(super) fn not_found(&mut self, call: &ToolCall, by_model: bool, failure: Failure) -> Vec<Action> {
        let answer = ToolAnswer {
            is_error: true,
            content: failure.message.clone(),
        };
        if by_model {
            return self.tool_answered(call, answer);
        }
        let mut actions = vec![Action::Emit(result(call, &answer))];
        actions.extend(self.fail(failure));
        actions
    }
}

/// What the model wants to look for; none when its arguments do not say.
pub(super) fn query_of(call: &ToolCall) -> Option<String> {
    let arguments: Value = serde_json::from_str(&call.arguments).ok()?;
    let query = head(arguments.get("query")?.as_str()?.trim(), QUERY_BYTES_MAX);
    (!query.is_empty()).then(|| query.to_owned())
}
