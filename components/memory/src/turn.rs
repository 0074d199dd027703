//! Turns: what is kept of a run.

use gyre_agent_wire::Problem;
use gyre_ledger::{Entry, Event};
use serde::{Deserialize, Serialize};

/// Messages of a turn.
pub const MESSAGES_MAX: usize = 64;
/// Bytes of a turn as JSON.
pub const TURN_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the name of a run.
const RUN_BYTES_MAX: usize = 64;

/// The kind of event that a turn is.
const KIND: &str = "turn";

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The user.
    User,
    /// The agent.
    Assistant,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// The text.
    pub content: String,
}

/// What was said in one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The run.
    pub run: String,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
}

impl Turn {
    /// The event that keeps the turn; refused when it is too long or empty.
    pub fn to_event(&self) -> Result<Event, Problem> {
        let count = self.messages.len();
        if !(1..=MESSAGES_MAX).contains(&count) {
            return Err(invalid(
                format!("a turn has 1 to {MESSAGES_MAX} messages, given are {count}"),
                "append what the user said and what the agent answered",
            ));
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !(1..=RUN_BYTES_MAX).contains(&self.run.len()) || !self.run.bytes().all(plain) {
            return Err(invalid(
                format!("a run is named by 1 to {RUN_BYTES_MAX} of A-Z, a-z, 0-9 and `-`"),
                "give the run that the run token carries",
            ));
        }
        let body = serde_json::to_string(self)
            .map_err(|_| gyre_chain::reply::internal("a turn could not be written as JSON"))?;
        if body.len() > TURN_BYTES_MAX {
            return Err(Problem::new(
                413,
                "turn-too-large",
                format!("the turn has {} bytes, the limit is {TURN_BYTES_MAX}", body.len()),
                "shorten its messages",
            ));
        }
        Ok(Event {
            kind: KIND.to_owned(),
            body,
        })
    }

    /// The turn that an event keeps.
    pub fn from_entry(entry: &Entry) -> Result<Self, Problem> {
        let read = (entry.event.kind == KIND).then(|| serde_json::from_str(&entry.event.body));
        match read {
            Some(Ok(turn)) => Ok(turn),
            _ => Err(Problem::new(
                500,
                "session-unreadable",
                format!("event {} of the session is no turn", entry.sequence),
                "another program may have written to the store: delete the session and begin another",
            )),
        }
    }

    /// Bytes of what was said.
    #[must_use]
    pub fn content_bytes(&self) -> usize {
        self.messages.iter().map(|message| message.content.len()).sum()
    }
}

fn invalid(detail: String, hint: &str) -> Problem {
    Problem::new(422, "invalid-turn", detail, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(run: &str, contents: &[&str]) -> Turn {
        let message = |content: &&str| Message {
            role: Role::User,
            content: (*content).to_owned(),
        };
        Turn {
            run: run.into(),
            messages: contents.iter().map(message).collect(),
        }
    }

    #[test]
    fn a_turn_is_read_as_it_was_kept() {
        let given = turn("r-1", &["a \"b\"\n", ""]);
        let entry = Entry {
            sequence: 1,
            at_ms: 1,
            event: given.to_event().expect("an event"),
        };
        assert_eq!(Turn::from_entry(&entry), Ok(given));
    }

    #[test]
    fn turns_are_checked() {
        let long = "x".repeat(TURN_BYTES_MAX);
        for (turn, status) in [
            (turn("r", &["a"]), None),
            (turn("r", &["a"; 64]), None),
            (turn("r", &["a"; 65]), Some(422)),
            (turn("r", &[]), Some(422)),
            (turn("", &["a"]), Some(422)),
            (turn("r/s", &["a"]), Some(422)),
            (turn(&"r".repeat(65), &["a"]), Some(422)),
            (turn("r", &[&long]), Some(413)),
        ] {
            assert_eq!(turn.to_event().err().map(|problem| problem.status), status);
        }
    }

    #[test]
    fn what_is_no_turn_is_not_read_as_one() {
        for (kind, body) in [("turn", "{}"), ("other", r#"{"run":"r","messages":[]}"#)] {
            let event = Event {
                kind: kind.into(),
                body: body.into(),
            };
            let entry = Entry {
                sequence: 7,
                at_ms: 1,
                event,
            };
            let problem = Turn::from_entry(&entry).expect_err("no turn");
            assert!(problem.detail.contains("event 7"), "{problem:?}");
        }
    }
}
