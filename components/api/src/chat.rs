//! What a client may ask an agent.

use gyre_agent_wire::Problem;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::names;

/// Bytes of the input.
pub const INPUT_BYTES_MAX: usize = 256 * 1024;
/// Earlier messages.
pub const MESSAGES_MAX: usize = 100;
/// Bytes of all earlier messages.
pub const MESSAGES_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a model's name.
pub const MODEL_BYTES_MAX: usize = 256;

/// `POST /api/v1/agents/{id}/chat`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatRequest {
    /// What is asked.
    pub input: String,
    /// What was said before, oldest first.
    #[serde(default)]
    pub messages: Vec<Message>,
    /// The model to answer; the agent's own when absent.
    #[serde(default)]
    pub model: Option<String>,
    /// The conversation that is continued; none when the question stands alone.
    #[serde(default)]
    pub session: Option<String>,
    /// Whether to answer with events.
    #[serde(default)]
    pub stream: bool,
}

/// An earlier message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who wrote it.
    pub role: Role,
    /// What it says.
    pub content: String,
}

/// Who wrote an earlier message. Only the agent itself speaks as system or tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The client.
    User,
    /// The agent.
    Assistant,
}

#[derive(Serialize)]
struct Run<'a> {
    input: &'a str,
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    persona: Option<&'a RawValue>,
}

impl ChatRequest {
    /// Reads and checks a body.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(body).map_err(|error| {
            Problem::new(
                400,
                "invalid-utf-8",
                format!("the body is not UTF-8 from byte {} on", error.valid_up_to()),
                "encode the JSON as UTF-8",
            )
        })?;
        let request: Self = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        request.check()?;
        Ok(request)
    }

    /// The body for the agent's `POST /run`; with a persona when the agent is a created one.
    #[must_use]
    pub fn run_json(&self, persona: Option<&RawValue>) -> Vec<u8> {
        let run = Run {
            input: &self.input,
            messages: &self.messages,
            model: self.model.as_deref(),
            session: self.session.as_deref(),
            persona,
        };
        // Strings and JSON only: serde_json cannot fail on them.
        serde_json::to_vec(&run).unwrap_or_default()
    }

    fn check(&self) -> Result<(), Problem> {
        if self.input.trim().is_empty() {
            return Err(Problem::new(
                422,
                "empty-input",
                "`input` is empty",
                r#"write the question into it: {"input": "How does Gyre isolate an agent?"}"#,
            ));
        }
        bounded(
            "`input`",
            self.input.len(),
            INPUT_BYTES_MAX,
            "bytes",
            "ingest long texts as documents",
        )?;
        bounded(
            "`messages`",
            self.messages.len(),
            MESSAGES_MAX,
            "messages",
            "leave out the oldest",
        )?;
        if let Some(session) = &self.session {
            names::check_session(session)?;
        }
        let bytes = self.messages.iter().map(|m| m.content.len()).sum();
        bounded(
            "`messages`",
            bytes,
            MESSAGES_BYTES_MAX,
            "bytes",
            "leave out the oldest",
        )?;
        let model = self.model.as_deref().unwrap_or("default");
        bounded(
            "`model`",
            model.len(),
            MODEL_BYTES_MAX,
            "bytes",
            "name a model of GET /v1/models",
        )?;
        if model.is_empty() {
            let hint = "leave it out for the agent's own model, or name one of GET /v1/models";
            return Err(Problem::new(422, "empty-model", "`model` is empty", hint));
        }
        Ok(())
    }
}

fn bounded(what: &str, given: usize, max: usize, unit: &str, hint: &str) -> Result<(), Problem> {
    if given <= max {
        return Ok(());
    }
    Err(Problem::new(
        413,
        "input-too-large",
        format!("{what} has {given} {unit}, the limit is {max}"),
        hint,
    ))
}

/// The problem of a body that is not the JSON expected.
#[must_use]
pub fn malformed(error: &serde_json::Error) -> Problem {
    let hint = match error.classify() {
        // Such errors name fields and types, and places in the body.
        serde_json::error::Category::Data => format!("check the fields: {error}"),
        serde_json::error::Category::Eof => "the JSON ends too early: send all of it".to_owned(),
        _ => "check quotes, commas and brackets".to_owned(),
    };
    let detail = format!(
        "the body is not the JSON expected, at line {} column {}",
        error.line(),
        error.column()
    );
    Problem::new(400, "malformed-json", detail, hint)
}

#[cfg(test)]
mod tests;
