//! Answers as they stand on the wire, whole or one chunk of a stream: both have the same form.

use crate::{finish, logprobs};
use gyre_chat_wire::{ApiError, Choice, Completion, FinishReason, Logprobs, ToolCall, Usage, WireError};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What an answer does not always tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The model that was asked for; the answer's `modelVersion` goes before it.
    pub model: &'a str,
    /// When the answer came, in seconds since the Unix epoch.
    pub created_s: u64,
}

/// Why an answer whose status is 200 is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The model failed.
    #[error(transparent)]
    Failed(ApiError),
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] WireError),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    #[serde(default)]
    candidates: Vec<Candidate>,
    #[serde(default)]
    prompt_feedback: Option<Feedback>,
    #[serde(default)]
    pub(crate) usage_metadata: Option<finish::UsageBody>,
    #[serde(default)]
    pub(crate) model_version: Option<String>,
    #[serde(default)]
    pub(crate) response_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    #[serde(default)]
    index: u32,
    #[serde(default)]
    content: Content,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    finish_message: Option<String>,
    #[serde(default)]
    logprobs_result: logprobs::Body,
}

#[derive(Deserialize, Default)]
struct Content {
    #[serde(default)]
    parts: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    #[serde(default)]
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    #[serde(default)]
    id: Option<String>,
    name: String,
    #[serde(default)]
    args: Map<String, Value>,
    #[serde(default)]
    partial_args: Option<Value>,
    #[serde(default)]
    will_continue: bool,
}

/// A piece of an answer.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(String),
    Call(ToolCall),
    Logprobs(Vec<Logprobs>),
}

/// What one body says.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) finish: Option<FinishReason>,
}

/// Reads the answer to a request that was no stream. A prompt that was blocked is an answer whose content was withheld.
pub fn parse_answer(body: &[u8], asked: Asked<'_>) -> Result<Completion, AnswerError> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| WireError(format!("an answer: {error}")))?;
    let mut choice = Choice {
        content: String::new(),
        tool_calls: Vec::new(),
        logprobs: Vec::new(),
        finish_reason: FinishReason::Stop,
    };
    let id = body.response_id.clone().unwrap_or_default();
    let model = body.model_version.clone();
    let usage = body.usage_metadata.map(Usage::from).unwrap_or_default();
    let said = body.said(&id, 0)?;
    for piece in said.pieces {
        match piece {
            Piece::Text(text) => choice.content.push_str(&text),
            Piece::Call(call) => choice.tool_calls.push(call),
            Piece::Logprobs(all) => choice.logprobs = all,
        }
    }
    choice.finish_reason = said
        .finish
        .ok_or_else(|| WireError("an answer that does not say why it ended".into()))?;
    Ok(Completion {
        id: format!("chatcmpl-{id}"),
        created: asked.created_s,
        model: model.unwrap_or_else(|| asked.model.to_owned()),
        choice,
        usage,
    })
}

impl Body {
    /// What it says; `calls` is how many calls were told before it, `id` the answer's.
    pub(crate) fn said(self, id: &str, calls: usize) -> Result<Said, AnswerError> {
        let Some(candidate) = self.candidates.into_iter().next() else {
            let blocked = self.prompt_feedback.and_then(|it| it.block_reason);
            return Ok(Said {
                pieces: Vec::new(),
                finish: blocked.map(|_| FinishReason::ContentFilter),
            });
        };
        if candidate.index != 0 {
            return Err(WireError(format!("candidate {} of one answer", candidate.index)).into());
        }
        let mut pieces = Vec::new();
        let mut called = calls;
        let logprobs = Vec::from(candidate.logprobs_result);
        if !logprobs.is_empty() {
            pieces.push(Piece::Logprobs(logprobs));
        }
        for part in candidate.content.parts {
            let piece = piece(part, id, called)?;
            called += usize::from(matches!(piece, Some(Piece::Call(_))));
            pieces.extend(piece);
        }
        let message = candidate.finish_message.as_deref();
        let told = candidate.finish_reason.as_deref();
        let finish = told.map(|told| finish::reason(told, message, called > 0));
        Ok(Said {
            pieces,
            finish: finish.transpose().map_err(AnswerError::Failed)?,
        })
    }
}

/// One part. Thoughts and their signatures have no place in a completion, and are left out.
fn piece(mut part: Map<String, Value>, id: &str, calls: usize) -> Result<Option<Piece>, AnswerError> {
    if part.get("thought").and_then(Value::as_bool) == Some(true) {
        return Ok(None);
    }
    if let Some(call) = part.remove("functionCall") {
        let call: Call =
            serde_json::from_value(call).map_err(|error| WireError(format!("a function call: {error}")))?;
        if call.will_continue || call.partial_args.is_some() {
            return Err(WireError("a function call in parts, which was not asked for".into()).into());
        }
        let given = call.id.filter(|id| !id.is_empty());
        return Ok(Some(Piece::Call(ToolCall {
            // Older models give none; the answer's own id keeps those of two answers apart.
            id: given.unwrap_or_else(|| format!("call_{id}_{calls}")),
            name: call.name,
            arguments: Value::Object(call.args).to_string(),
        })));
    }
    match part.remove("text") {
        Some(Value::String(text)) => Ok((!text.is_empty()).then_some(Piece::Text(text))),
        Some(_) => Err(WireError("a text that is no string".into()).into()),
        None => match part
            .keys()
            .find(|name| *name != "thoughtSignature" && *name != "partMetadata")
        {
            None => Ok(None),
            Some(name) => {
                let name: String = name.chars().take(64).collect();
                Err(WireError(format!("a part {name:?}, which was not asked for")).into())
            }
        },
    }
}
