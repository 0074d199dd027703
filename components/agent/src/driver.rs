//! Doing what the loop says, one event at a time: nothing runs ahead of the client.

use std::collections::VecDeque;

use gyre_agent_loop::{Action, AgentLoop, Input};
use gyre_agent_wire::Event;
use gyre_chain::CallContext;

use crate::knowledge;
use crate::model::Completion;

/// A run. Dropping it ends what is under way.
pub(crate) struct Driver {
    agent: AgentLoop,
    context: CallContext,
    actions: VecDeque<Action>,
    completion: Option<Completion>,
}

impl Driver {
    pub(crate) fn new(mut agent: AgentLoop, context: CallContext) -> Self {
        let actions = agent.start().into();
        Self {
            agent,
            context,
            actions,
            completion: None,
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
