//! The state machine: what happened goes in, what to do comes out.

mod answer;
mod events;
mod memory;
mod search;
mod tools;

use std::collections::VecDeque;

use gyre_agent_wire::{Event, Passage, Passages, RetrievalState, Usage};
use gyre_chat_wire::{ChatEvent, ChatRequest, FinishReason, Message, ToolCall};
use serde_json::Value;

use crate::citations::CitationFilter;
use crate::config::{Config, Task};
use crate::conversation::Conversation;
use crate::tool_calls::ToolCalls;

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

/// What a tool answered, for the model to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolAnswer {
    /// Whether it failed. The run goes on: the model may try something else.
    pub is_error: bool,
    /// The answer, or why there is none.
    pub content: String,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The session was read: what was said in it, oldest first.
    Recalled(Result<Vec<Message>, Failure>),
    /// The search ended.
    Retrieved(Result<Passages, Failure>),
    /// A tool answered, failed, or took too long.
    ToolAnswered(ToolAnswer),
    /// The model said something.
    Model(ChatEvent),
    /// The model's answer is whole.
    ModelEnded,
    /// The model failed, or its answer was cut.
    ModelFailed(Failure),
    /// The turn was written to the session.
    Remembered(Result<(), Failure>),
}

/// What to do. All but `Emit` come last, one of them at most.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Tell the client.
    Emit(Event),
    /// Read the session, and tell `Input::Recalled`.
    Recall {
        /// Which.
        session: String,
        /// Messages at most.
        limit: u32,
    },
    /// Search, and tell `Input::Retrieved`.
    Retrieve {
        /// What for.
        query: String,
        /// Passages at most.
        limit: u32,
    },
    /// Call a tool, and tell `Input::ToolAnswered`.
    CallTool {
        /// The service that has it.
        service: String,
        /// The tool.
        name: String,
        /// A JSON object.
        arguments: Value,
    },
    /// Ask the model, and tell `Input::Model…`.
    Complete(ChatRequest),
    /// Write the turn to the session, and tell `Input::Remembered`.
    Remember {
        /// Which.
        session: String,
        /// What was said in this turn.
        messages: Vec<Message>,
    },
    /// Stop: nothing more is emitted.
    Finish,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    New,
    /// The session is being read.
    Recalling,
    /// A search is under way, made by this call.
    Searching {
        call: ToolCall,
        /// The model asked for it; else the agent itself did.
        by_model: bool,
    },
    /// A tool is at work on this call.
    Calling {
        call: ToolCall,
    },
    /// The model is answering.
    Answering {
        reason: Option<FinishReason>,
    },
    /// The turn is being written; the answer ended like this.
    Remembering {
        reason: &'static str,
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
    /// Calls of the completion under way.
    calls: ToolCalls,
    /// Calls of the last completion that are still to be made.
    waiting: VecDeque<ToolCall>,
    citations: CitationFilter,
    /// Marks that became citations, each once.
    cited: Vec<u32>,
    /// Passages of all searches: mark n is the n-th.
    passages: Vec<Passage>,
    retrieval: Option<RetrievalState>,
    model: String,
    usage: Usage,
    /// The answer so far.
    output: String,
    /// Where in the output the completion under way began.
    step_at: usize,
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
            waiting: VecDeque::new(),
            citations: CitationFilter::new(),
            cited: Vec::new(),
            passages: Vec::new(),
            retrieval: None,
            usage: Usage::default(),
            output: String::new(),
            step_at: 0,
        }
    }

    /// Begins the run. To be called once.
    pub fn start(&mut self) -> Vec<Action> {
        if self.state != State::New {
            return self.out_of_turn();
        }
        let mut actions = vec![Action::Emit(Event::RunStarted {
            run_id: self.task.run_id.clone(),
            agent: self.config.agent.clone(),
            session: self.task.session.clone(),
        })];
        actions.extend(match self.task.session.clone() {
            Some(session) => self.recall(session),
            None => self.begin(),
        });
        actions
    }

    /// Takes what happened; says what to do.
    pub fn on(&mut self, input: Input) -> Vec<Action> {
        match (self.state.clone(), input) {
            (State::Ended, _) => Vec::new(),
            (State::Recalling, Input::Recalled(history)) => self.recalled(history),
            (State::Searching { call, .. }, Input::Retrieved(Ok(found))) => self.found(call, found),
            (State::Searching { call, by_model }, Input::Retrieved(Err(failure))) => {
                self.not_found(&call, by_model, failure)
            }
            (State::Calling { call }, Input::ToolAnswered(answer)) => self.tool_answered(&call, answer),
            (State::Answering { .. }, Input::Model(event)) => self.heard(event),
            (State::Answering { reason: Some(reason) }, Input::ModelEnded) => self.answered(reason),
            (State::Answering { reason: None }, Input::ModelEnded) => self.fail(Failure::new(
                "cut",
                "the model's answer was cut before its end",
                "ask again",
            )),
            (State::Answering { .. }, Input::ModelFailed(failure)) => self.fail(failure),
            // What a model says beyond the bound of the output is not heard.
            (State::Remembering { .. }, Input::Model(_) | Input::ModelEnded | Input::ModelFailed(_)) => {
                Vec::new()
            }
            (State::Remembering { reason }, Input::Remembered(Ok(()))) => self.done(reason),
            (State::Remembering { .. }, Input::Remembered(Err(failure))) => self.fail(failure),
            _ => self.out_of_turn(),
        }
    }

    /// What an agent does first with its question.
    fn begin(&mut self) -> Vec<Action> {
        if self.config.knowledge {
            self.search_first()
        } else {
            self.ask()
        }
    }

    /// Asks the model, with all that is known so far.
    fn ask(&mut self) -> Vec<Action> {
        self.steps += 1;
        self.state = State::Answering { reason: None };
        self.step_at = self.output.len();
        vec![Action::Complete(
            self.conversation.request(&self.config, self.steps),
        )]
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

/// At most this many bytes of the text, in whole characters.
fn head(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests;
