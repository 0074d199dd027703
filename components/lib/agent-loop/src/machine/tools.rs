//! Doing what the model asked for: its calls one after another, then its turn again.

use gyre_agent_wire::passage::SEARCH_TOOL;
use gyre_chat_wire::ToolCall;
use serde_json::Value;

use super::events::{called, result};
use super::search::query_of;
use super::{Action, AgentLoop, Failure, State, ToolAnswer};

impl AgentLoop {
    /// Takes the calls of the completion that just ended.
    pub(super) fn follow(&mut self) -> Vec<Action> {
        let calls = self.calls.take(self.steps);
        if self.steps >= self.config.steps_max {
            let message = format!("the model did not answer within {} steps", self.config.steps_max);
            return self.fail(Failure::new(
                "too-many-steps",
                message,
                "ask more narrowly, or raise max_steps of the agent",
            ));
        }
        if calls.is_empty() {
            return self.fail(Failure::new(
                "no-tool-call",
                "the model ended to call a tool, and named none",
                "use another model",
            ));
        }
        let said = self.output[self.step_at..].to_owned();
        self.conversation.called(said, calls.clone());
        self.waiting = calls.into();
        self.call_next()
    }

    /// Makes the next call; when there is none left, asks the model again.
    pub(super) fn call_next(&mut self) -> Vec<Action> {
        let Some(call) = self.waiting.pop_front() else {
            return self.ask();
        };
        if call.name == SEARCH_TOOL && self.config.search_tool {
            return match query_of(&call) {
                Some(query) => self.search(call, query, true),
                None => self.refused(call, r#"the arguments must be {"query": "…"}"#.to_owned()),
            };
        }
        let grant = self
            .config
            .tools
            .iter()
            .find(|grant| grant.tool.name == call.name);
        let Some(service) = grant.map(|grant| grant.service.clone()) else {
            let refusal = self.unknown_tool(&call.name);
            return self.refused(call, refusal);
        };
        // An absent object means: no arguments.
        let arguments = if call.arguments.trim().is_empty() {
            "{}"
        } else {
            call.arguments.as_str()
        };
        match serde_json::from_str(arguments) {
            Ok(arguments @ Value::Object(_)) => {
                let told = called(&call, arguments.clone());
                let name = call.name.clone();
                self.state = State::Calling { call };
                let make = Action::CallTool {
                    service,
                    name,
                    arguments,
                };
                vec![Action::Emit(told), make]
            }
            _ => self.refused(call, "the arguments must be one JSON object".to_owned()),
        }
    }

    pub(super) fn tool_answered(&mut self, call: &ToolCall, answer: ToolAnswer) -> Vec<Action> {
        let told = result(call, &answer);
        let content = if answer.is_error {
            format!("error: {}", answer.content)
        } else {
            answer.content
        };
        self.conversation.answered(&call.id, content);
        let mut actions = vec![Action::Emit(told)];
        actions.extend(self.call_next());
        actions
    }

    /// A call that cannot be made: the model is told why, and people too.
    fn refused(&mut self, call: ToolCall, why: String) -> Vec<Action> {
        let arguments =
            serde_json::from_str(&call.arguments).unwrap_or(Value::String(call.arguments.clone()));
        let mut actions = vec![Action::Emit(called(&call, arguments))];
        let answer = ToolAnswer {
            is_error: true,
            content: why,
        };
        actions.extend(self.tool_answered(&call, answer));
        actions
    }

    fn unknown_tool(&self, name: &str) -> String {
        let granted = self.config.tools.iter().map(|grant| grant.tool.name.as_str());
        let there: Vec<&str> = self
            .config
            .search_tool
            .then_some(SEARCH_TOOL)
            .into_iter()
            .chain(granted)
            .collect();
        let there = if there.is_empty() {
            "none".to_owned()
        } else {
            there.join(", ")
        };
        format!("there is no tool `{name}`; there are: {there}")
    }
}
