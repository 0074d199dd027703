//! Sessions: read before the question, written after the answer.

use gyre_chat_wire::{Message, Role};

use super::{Action, AgentLoop, Failure, State};

impl AgentLoop {
    pub(super) fn recall(&mut self, session: String) -> Vec<Action> {
        self.state = State::Recalling;
        let limit = self.config.history_max;
        vec![Action::Recall { session, limit }]
    }

    pub(super) fn recalled(&mut self, history: Result<Vec<Message>, Failure>) -> Vec<Action> {
        match history {
            Ok(history) => {
                self.conversation.recalled(history);
                self.begin()
            }
            Err(failure) => self.fail(failure),
        }
    }

    /// The answer is whole: it is written down before the client is told that the run is done.
    pub(super) fn remember(&mut self, reason: &'static str) -> Vec<Action> {
        let Some(session) = self.task.session.clone() else {
            return self.done(reason);
        };
        self.state = State::Remembering { reason };
        let messages = vec![
            Message::text(Role::User, self.task.input.as_str()),
            Message::text(Role::Assistant, self.output.as_str()),
        ];
        vec![Action::Remember { session, messages }]
    }
}
