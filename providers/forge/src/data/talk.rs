//! Writing a conversation down, message by message.

use serde_json::{Map, Value};

use super::DataError;
use super::example::{Example, Expect, Message, Role, Split, Task, Tool, ToolCall};

/// A conversation under way.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    tools: Vec<Tool>,
    messages: Vec<Message>,
    calls: usize,
}

fn message(role: Role, content: &str) -> Message {
    Message {
        role,
        content: content.to_owned(),
        tool_calls: Vec::new(),
        tool_call_id: None,
        given: false,
    }
}

impl Talk {
    /// A conversation in which these tools are offered.
    pub(crate) fn with(tools: Vec<Tool>) -> Self {
        Self {
            tools,
            ..Self::default()
        }
    }

    /// Instructions; none where they are empty.
    pub(crate) fn system(&mut self, text: &str) {
        if !text.is_empty() {
            self.messages.push(message(Role::System, text));
        }
    }

    pub(crate) fn user(&mut self, text: &str) {
        self.messages.push(message(Role::User, text));
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.messages.push(message(Role::Assistant, text));
    }

    /// An earlier turn of a session: calls and results are not kept there, so how it was answered cannot be learnt.
    pub(crate) fn earlier(&mut self, asked: &str, answer: &str) {
        self.user(asked);
        self.messages.push(Message {
            given: true,
            ..message(Role::Assistant, answer)
        });
    }

    /// The model calls a tool.
    pub(crate) fn call(&mut self, name: &str, arguments: &Map<String, Value>) {
        self.calls += 1;
        let call = ToolCall {
            id: format!("call-{}-1", self.calls),
            name: name.to_owned(),
            arguments: arguments.clone(),
        };
        self.messages.push(Message {
            tool_calls: vec![call],
            ..message(Role::Assistant, "")
        });
    }

    /// The agent itself searches for the question, before the model is asked.
    pub(crate) fn search_first(&mut self, query: &str) {
        let call = ToolCall {
            id: "search-1".to_owned(),
            name: super::tooling::own::SEARCH.to_owned(),
            arguments: Map::from_iter([("query".to_owned(), Value::from(query))]),
        };
        self.messages.push(Message {
            tool_calls: vec![call],
            given: true,
            ..message(Role::Assistant, "")
        });
    }

    /// The tool that was called last answers.
    pub(crate) fn answered(&mut self, content: &str) {
        let id = self.messages.iter().rev().find_map(|it| it.tool_calls.first());
        let id = id.map(|call| call.id.clone());
        self.messages.push(Message {
            tool_call_id: id,
            ..message(Role::Tool, content)
        });
    }

    /// The example; held out, the last thing said is left to be said.
    pub(crate) fn finish(mut self, task: Task, split: Split, expect: Expect) -> Result<Example, DataError> {
        let expect = (split != Split::Train).then_some(expect);
        if expect.is_some() {
            self.messages.pop();
        }
        Example {
            id: String::new(),
            task,
            split,
            tools: self.tools,
            messages: self.messages,
            expect,
        }
        .named()
    }
}
