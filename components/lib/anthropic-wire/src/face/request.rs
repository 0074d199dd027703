//! Requests for messages and for their count of tokens.

use super::{content, tools, unsupported};
use gyre_chat_wire::{ApiError, ChatRequest, Fields, Format, Role, Sampling, parse_body};
use serde_json::{Value, json};

/// Texts that end a message, as OpenAI's face bounds them too.
const STOPS_MAX: usize = 16;

/// Fields of both requests.
const PROMPT: [&str; 9] = [
    "model",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "cache_control",
    "speed",
];
/// Fields that only a request for a message has.
const MESSAGE: [&str; 8] = [
    "max_tokens",
    "stop_sequences",
    "temperature",
    "top_p",
    "top_k",
    "metadata",
    "stream",
    "service_tier",
];

/// A request for a message.
#[derive(Debug, Clone, PartialEq)]
pub struct MessagesRequest {
    /// What is asked of a backend. A stream of it carries its usage, which events need.
    pub chat: ChatRequest,
    /// Whether the answer may hold one tool call at most (`disable_parallel_tool_use`). A backend is not told: see
    /// [`Answer`](super::Answer).
    pub single_tool_use: bool,
}

/// Reads the body of `POST /v1/messages`.
pub fn parse_message(body: &[u8]) -> Result<MessagesRequest, ApiError> {
    let value = parse_body(body)?;
    unsupported::check_known(&value, &[&PROMPT[..], &MESSAGE].concat())?;
    let fields = Fields::of(&value, "")?;
    let mut chat = prompt(&fields)?;
    if chat
        .messages
        .last()
        .is_some_and(|last| last.role == Role::Assistant)
    {
        return Err(fields.refuse(
            "messages",
            "must not end with a message of the assistant: a prefilled answer is not continued here; hint: say in a \
             user's message how the answer is to begin",
        ));
    }
    let max_tokens = fields.count("max_tokens")?;
    chat.max_tokens = Some(max_tokens.ok_or_else(|| fields.refuse("max_tokens", "is missing"))?);
    chat.sampling = Sampling {
        temperature: fields.number("temperature", |it| (0.0..=1.0).contains(&it), "from 0 to 1")?,
        top_p: fields.number("top_p", |it| it > 0.0 && it <= 1.0, "above 0 and at most 1")?,
        top_k: fields.count("top_k")?,
        ..Sampling::default()
    };
    chat.stop = stop(&fields)?;
    chat.stream = fields.flag("stream")?;
    chat.include_usage = chat.stream;
    Ok(MessagesRequest {
        single_tool_use: tools::single_use(&fields)?,
        chat,
    })
}

/// Reads the body of `POST /v1/messages/count_tokens`: a request that is counted and not answered.
pub fn parse_count_tokens(body: &[u8]) -> Result<ChatRequest, ApiError> {
    let value = parse_body(body)?;
    unsupported::check_known(&value, &PROMPT)?;
    prompt(&Fields::of(&value, "")?)
}

/// The body of the answer to a count.
#[must_use]
pub fn render_token_count(input_tokens: u32) -> Value {
    json!({ "input_tokens": input_tokens })
}

fn prompt(fields: &Fields<'_>) -> Result<ChatRequest, ApiError> {
    unsupported::check_values(fields)?;
    let model = fields.required("model")?;
    let mut chat = ChatRequest::new(model, content::read(fields)?);
    let offered = tools::read(fields)?;
    (chat.tools, chat.tool_choice) = tools::choose(fields, offered)?;
    chat.format = format(fields)?;
    Ok(chat)
}

fn format(fields: &Fields<'_>) -> Result<Format, ApiError> {
    let Some(config) = fields.object("output_config")? else {
        return Ok(Format::Text);
    };
    if let Some(unknown) = config.unknown(&["effort", "format"]) {
        let what = "is not a field that this server keeps; hint: leave it out";
        return Err(config.refuse(unknown, what));
    }
    // `high` is what a request without it asks for.
    if config.string("effort")?.is_some_and(|effort| effort != "high") {
        let what = "must be high: no other effort is passed on here; hint: leave it out";
        return Err(config.refuse("effort", what));
    }
    let Some(format) = config.object("format")? else {
        return Ok(Format::Text);
    };
    if format.required("type")? != "json_schema" {
        return Err(format.refuse("type", "must be \"json_schema\""));
    }
    format.object("schema")?;
    let schema = format
        .get("schema")
        .ok_or_else(|| format.refuse("schema", "is missing"))?;
    Ok(Format::JsonSchema(schema.to_string()))
}

fn stop(fields: &Fields<'_>) -> Result<Vec<String>, ApiError> {
    let texts = fields.array("stop_sequences", STOPS_MAX)?.into_iter().flatten();
    texts
        .map(|text| match text.as_str() {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(fields.refuse("stop_sequences", "must hold strings, none of them empty")),
        })
        .collect()
}
