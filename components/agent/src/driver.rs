//! Doing what the loop says, one event at a time: nothing runs ahead of the client.

use std::collections::VecDeque;
use std::time::Duration;

use gyre_agent_loop::{Action, AgentLoop, Input};
use gyre_agent_wire::Event;
use gyre_chain::CallContext;

use crate::model::Completion;
use crate::{knowledge, memory, tools};

/// A run. Dropping it ends what is under way.
pub(crate) struct Driver {
    agent: AgentLoop,
    context: CallContext,
    actions: VecDeque<Action>,
    completion: Option<Completion>,
    /// For one call of a tool.
    tool_time: Duration,
}

impl Driver {
    pub(crate) fn new(mut agent: AgentLoop, context: CallContext, tool_time: Duration) -> Self {
        let actions = agent.start().into();
        Self {
            agent,
            context,
            actions,
            completion: None,
            tool_time,
        }
    }

    /// The next event; none after the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            match self.actions.pop_front() {
                Some(Action::Emit(event)) => return Some(event),
                Some(Action::Retrieve { query, limit }) => {
                    let found = knowledge::search(&query, limit, &self.context).await;
                    self.tell(Input::Retrieved(found));
                }
                Some(Action::CallTool {
                    service,
                    name,
                    arguments,
                }) => {
                    let answer = tools::call(&service, &name, arguments, self.tool_time, &self.context).await;
                    self.tell(Input::ToolAnswered(answer));
                }
                Some(Action::Recall { session, limit }) => {
                    let history = memory::recall(&session, limit, &self.context).await;
                    self.tell(Input::Recalled(history));
                }
                Some(Action::Remember { session, messages }) => {
                    // The answer is whole: what the model may still say is not wanted.
                    self.completion = None;
                    let kept = memory::remember(&session, &messages, &self.context).await;
                    self.tell(Input::Remembered(kept));
                }
                Some(Action::Complete(request)) => match Completion::start(&request, &self.context).await {
                    Ok(completion) => self.completion = Some(completion),
                    Err(failure) => self.tell(Input::ModelFailed(failure)),
                },
                Some(Action::Finish) => {
                    self.completion = None;
                    return None;
                }
                None => {
                    for input in self.completion.as_mut()?.next().await {
                        self.tell(input);
                    }
                }
            }
        }
    }

    fn tell(&mut self, input: Input) {
        if matches!(input, Input::ModelEnded | Input::ModelFailed(_)) {
            self.completion = None;
        }
        self.actions.extend(self.agent.on(input));
    }
}
