//! The state machine.

use gyre_agent_wire::passage::SEARCH_TOOL;
use gyre_agent_wire::{Event, Passage, Passages, RetrievalState, Usage};
use gyre_chat_wire::{ChatEvent, ChatRequest, FinishReason, ToolCall};
use serde_json::{Value, json};

use crate::conversation::{Config, Conversation, Task};
use crate::marks::MarkScanner;
use crate::tool_calls::ToolCalls;

/// Bytes of a query of the agent's own search.
const QUERY_BYTES_MAX: usize = 8 * 1024;

/// Something went wrong, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind, in kebab-case.
    pub kind: String,
    /// What failed.
    pub message: String,
    /// The cure.
    pub hint: String,
}

impl Failure {
    /// A failure.
    pub fn new(kind: impl Into<String>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The search ended.
    Retrieved(Result<Passages, Failure>),
    /// The model said something.
    Model(ChatEvent),
    /// The model's answer is whole.
    ModelEnded,
    /// The model failed, or its answer was cut.
    ModelFailed(Failure),
}

/// What to do. `Retrieve`, `Complete` and `Finish` come last, one of them at most.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Tell the client.
    Emit(Event),
    /// Search, and tell `Input::Retrieved`.
    Retrieve {
        /// What for.
        query: String,
        /// Passages at most.
        limit: u32,
    },
    /// Ask the model, and tell `Input::Model…`.
    Complete(ChatRequest),
    /// Stop: nothing more is emitted.
    Finish,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    New,
    /// A search is under way, made by this call.
    Searching {
        call_id: String,
    },
    /// The model is answering.
    Answering {
        reason: Option<FinishReason>,
    },
    Ended,
}

/// An agent's run.
#[derive(Debug)]
pub struct AgentLoop {
    config: Config,
    task: Task,
    conversation: Conversation,
    state: State,
    steps: u32,
    calls: ToolCalls,
    marks: MarkScanner,
    cited: Vec<u32>,
    passages: Vec<Passage>,
    retrieval: Option<RetrievalState>,
    model: String,
    usage: Usage,
    output_bytes: usize,
}

impl AgentLoop {
    /// A run that has not begun.
    #[must_use]
    pub fn new(config: Config, task: Task) -> Self {
        Self {
            conversation: Conversation::new(&config.system, &task),
            model: config.model.clone(),
            config,
            task,
            state: State::New,
            steps: 0,
            calls: ToolCalls::default(),
            marks: MarkScanner::new(),
            cited: Vec::new(),
            passages: Vec::new(),
            retrieval: None,
            usage: Usage::default(),
            output_bytes: 0,
        }
    }

    /// Begins the run. To be called once.
    pub fn start(&mut self) -> Vec<Action> {
        if self.state != State::New {
            return self.out_of_turn();
        }
        let run_id = self.task.run_id.clone();
        let mut actions = vec![Action::Emit(Event::RunStarted {
            run_id,
            agent: self.config.agent.clone(),
            session: None,
        })];
        if self.config.knowledge {
            let query = head(&self.task.input, QUERY_BYTES_MAX).to_owned();
            let arguments = json!({ "query": query }).to_string();
            let call = ToolCall {
                id: "search-1".into(),
                name: SEARCH_TOOL.into(),
                arguments,
            };
            actions.extend(self.search(call, query));
        } else {
            actions.extend(self.ask());
        }
        actions
    }

    /// Takes what happened; says what to do.
    pub fn on(&mut self, input: Input) -> Vec<Action> {
        match (self.state.clone(), input) {
            (State::Ended, _) => Vec::new(),
            (State::Searching { call_id }, Input::Retrieved(Ok(found))) => self.found(&call_id, found),
            (State::Searching { call_id }, Input::Retrieved(Err(failure))) => {
                let mut actions = vec![Action::Emit(Event::ToolResult {
                    id: call_id,
                    name: SEARCH_TOOL.into(),
                    is_error: true,
                    content: None,
                    passages: None,
                    retrieval: None,
                })];
                actions.extend(self.fail(failure));
                actions
            }
            (State::Answering { .. }, Input::Model(event)) => self.heard(event),
            (State::Answering { reason: Some(reason) }, Input::ModelEnded) => self.answered(reason),
            (State::Answering { reason: None }, Input::ModelEnded) => self.fail(Failure::new(
                "cut",
                "the model's answer was cut before its end",
                "ask again",
            )),
            (State::Answering { .. }, Input::ModelFailed(failure)) => self.fail(failure),
            _ => self.out_of_turn(),
        }
    }

    fn search(&mut self, call: ToolCall, query: String) -> Vec<Action> {
        let limit = self.config.passages_max;
        self.state = State::Searching {
            call_id: call.id.clone(),
        };
        let arguments = json!({ "query": query, "limit": limit });
        let told = Event::ToolCall {
            id: call.id.clone(),
            name: call.name.clone(),
            arguments,
        };
        self.conversation.called(vec![call]);
        vec![Action::Emit(told), Action::Retrieve { query, limit }]
    }

    fn found(&mut self, call_id: &str, found: Passages) -> Vec<Action> {
        self.conversation.found(call_id, &found.passages);
        let told = Event::ToolResult {
            id: call_id.to_owned(),
            name: SEARCH_TOOL.into(),
            is_error: false,
            content: None,
            passages: Some(found.passages.clone()),
            retrieval: Some(found.retrieval.clone()),
        };
        // Marks count the passages of the last search.
        self.passages = found.passages;
        self.retrieval = Some(found.retrieval);
        self.cited.clear();
        let mut actions = vec![Action::Emit(told)];
        actions.extend(self.ask());
        actions
    }

    fn ask(&mut self) -> Vec<Action> {
        self.steps += 1;
        self.state = State::Answering { reason: None };
        self.marks = MarkScanner::new();
        let may_call = self.steps < self.config.steps_max;
        vec![Action::Complete(
            self.conversation.request(&self.config, may_call),
        )]
    }

    fn heard(&mut self, event: ChatEvent) -> Vec<Action> {
        match event {
            ChatEvent::Model(model) => self.model = model,
            ChatEvent::Text(text) => return self.said(&text),
            ChatEvent::ToolCall(part) => {
                if self.calls.push(part).is_none() {
                    let hint = "ask for less, or use another model";
                    return self.fail(Failure::new(
                        "tool-call-too-large",
                        "the model's tool call is too large",
                        hint,
                    ));
                }
            }
            ChatEvent::Finish(reason) => self.state = State::Answering { reason: Some(reason) },
            ChatEvent::Usage(usage) => {
                self.usage.prompt_tokens += u64::from(usage.prompt_tokens);
                self.usage.completion_tokens += u64::from(usage.completion_tokens);
            }
        }
        Vec::new()
    }

    fn said(&mut self, text: &str) -> Vec<Action> {
        let room = self.config.output_bytes_max - self.output_bytes;
        let kept = head(text, room);
        self.output_bytes += kept.len();
        let mut actions = Vec::new();
        if !kept.is_empty() {
            actions.push(Action::Emit(Event::TextDelta {
                text: kept.to_owned(),
            }));
        }
        for mark in self.marks.feed(kept) {
            actions.extend(self.cite(mark));
        }
        if kept.len() < text.len() {
            actions.extend(self.done("length"));
        }
        actions
    }

    /// The citation of a mark, once. A mark without a passage is only text.
    fn cite(&mut self, mark: u32) -> Option<Action> {
        let index = usize::try_from(mark.checked_sub(1)?).ok()?;
        let passage = self.passages.get(index)?;
        if self.cited.contains(&mark) {
            return None;
        }
        self.cited.push(mark);
        let Passage {
            source, span, text, ..
        } = passage.clone();
        Some(Action::Emit(Event::Citation {
            mark,
            source,
            span,
            quote: text,
        }))
    }

    fn answered(&mut self, reason: FinishReason) -> Vec<Action> {
        match reason {
            FinishReason::Stop => self.done("stop"),
            FinishReason::Length => self.done("length"),
            FinishReason::ContentFilter => self.done("content_filter"),
            FinishReason::ToolCalls => self.follow(),
        }
    }

    /// Does what the model asked for, if there are steps left.
    fn follow(&mut self) -> Vec<Action> {
        let calls = self.calls.take();
        if self.steps >= self.config.steps_max {
            let message = format!("the model did not answer within {} steps", self.config.steps_max);
            return self.fail(Failure::new(
                "too-many-steps",
                message,
                "ask more narrowly, or raise max_steps",
            ));
        }
        let Some(call) = calls.into_iter().next() else {
            let hint = "use another model";
            return self.fail(Failure::new(
                "no-tool-call",
                "the model ended to call a tool, and named none",
                hint,
            ));
        };
        match query_of(&call).filter(|_| self.config.knowledge) {
            Some(query) => self.search(call, query),
            None => {
                let id = call.id.clone();
                self.conversation.called(vec![call]);
                let content = format!(r#"error: call {SEARCH_TOOL} with {{"query": "…"}}, or answer"#);
                self.conversation.answered(&id, content);
                self.ask()
            }
        }
    }

    fn done(&mut self, reason: &str) -> Vec<Action> {
        self.state = State::Ended;
        let done = Event::Done {
            finish_reason: reason.to_owned(),
            model: self.model.clone(),
            usage: self.usage,
            retrieval: self.retrieval.clone(),
            citations_removed: 0,
        };
        vec![
            Action::Emit(Event::Usage(self.usage)),
            Action::Emit(done),
            Action::Finish,
        ]
    }

    fn fail(&mut self, failure: Failure) -> Vec<Action> {
        self.state = State::Ended;
        vec![
            Action::Emit(Event::error(failure.kind, failure.message, failure.hint)),
            Action::Finish,
        ]
    }

    fn out_of_turn(&mut self) -> Vec<Action> {
        self.fail(Failure::new(
            "internal",
            "the agent lost its turn",
            "report this with the request id",
        ))
    }
}

fn query_of(call: &ToolCall) -> Option<String> {
    let arguments: Value = serde_json::from_str(&call.arguments)
        .ok()
        .filter(|_| call.name == SEARCH_TOOL)?;
    let query = head(arguments.get("query")?.as_str()?.trim(), QUERY_BYTES_MAX);
    (!query.is_empty()).then(|| query.to_owned())
}

/// At most this many bytes of the text, in whole characters.
fn head(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests;
