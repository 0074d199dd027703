//! What `api` asks of an agent.

use gyre_agent_wire::Problem;
use gyre_chat_wire as chat;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Bytes of a body.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;

/// `POST /run`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// The question.
    pub input: String,
    /// What was said before.
    #[serde(default)]
    pub messages: Vec<Message>,
    /// The model to answer; the agent's own when absent.
    #[serde(default)]
    pub model: Option<String>,
    /// The conversation to continue.
    #[serde(default)]
    pub session: Option<String>,
    /// What the agent is, when it was created at run time.
    #[serde(default)]
    pub persona: Option<Box<RawValue>>,
}

/// An earlier message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    role: Role,
    content: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    User,
    Assistant,
}

impl RunRequest {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        let request: Self = serde_json::from_slice(body).map_err(|error| {
            let hint = format!("send what api sends to POST /run: {error}");
            Problem::new(400, "malformed-json", "the body is not the JSON expected", hint)
        })?;
        if request.input.trim().is_empty() {
            return Err(Problem::new(
                422,
                "empty-input",
                "`input` is empty",
                "write the question into it",
            ));
        }
        if request.session.is_some() && !request.messages.is_empty() {
            return Err(Problem::new(
                422,
                "session-and-messages",
                "both `session` and `messages` say what was said before",
                "send one of them: a session remembers its messages by itself",
            ));
        }
        Ok(request)
    }

    /// The earlier messages as a model reads them.
    #[must_use]
    pub fn history(&self) -> Vec<chat::Message> {
        let role = |role| match role {
            Role::User => chat::Role::User,
            Role::Assistant => chat::Role::Assistant,
        };
        self.messages
            .iter()
            .map(|m| chat::Message::text(role(m.role), m.content.as_str()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        let body =
            br#"{"input":"a","messages":[{"role":"user","content":"b"},{"role":"assistant","content":"c"}]}"#;
        let request = RunRequest::parse(body).expect("right");
        let roles: Vec<chat::Role> = request.history().iter().map(|m| m.role).collect();
        assert_eq!(roles, [chat::Role::User, chat::Role::Assistant]);
    }

    #[test]
    fn wrong_requests_are_refused() {
        for (body, status) in [
            (&b"{"[..], 400),
            (br#"{"input":" "}"#, 422),
            (br#"{"input":"a","stream":true}"#, 400),
            (
                br#"{"input":"a","session":"s","messages":[{"role":"user","content":"b"}]}"#,
                422,
            ),
            (
                br#"{"input":"a","messages":[{"role":"system","content":"b"}]}"#,
                400,
            ),
        ] {
            assert_eq!(RunRequest::parse(body).expect_err("wrong").status, status);
        }
    }
}
