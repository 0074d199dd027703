//! `POST /infer`: a prompt, answered whole.

use gyre_chat_wire::{ApiError, ChatRequest, Completion, Fields, Message, Role, parse_body, read_extensions};
use serde_json::{Value, json};

/// What an answer may say again costs likelihood. The chat wire has no place for it: who hands the request on carries it
/// or refuses it. Spin's own default, which it sends where a guest says nothing, is 1.1 over 64 tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeat {
    /// Divides the likelihood of tokens that stood before, above 0.
    pub penalty: f32,
    /// How many of the last tokens count, at least 1.
    pub last_tokens: u32,
}

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Infer {
    /// What to complete: the prompt is one turn of a user, put into the model's own template.
    pub chat: ChatRequest,
    /// What the chat wire has no place for; `None` where it is off.
    pub repeat: Option<Repeat>,
}

/// Spin always sends all of them.
const OPTIONS: [&str; 6] = [
    "maxTokens",
    "repeatPenalty",
    "repeatPenaltyLastNTokenCount",
    "temperature",
    "topK",
    "topP",
];

/// Reads the body.
pub fn parse_infer(body: &[u8]) -> Result<Infer, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    let model = fields.required("model")?;
    let prompt = fields.string("prompt")?;
    let prompt = prompt.ok_or_else(|| fields.refuse("prompt", "is missing"))?;
    let mut chat = ChatRequest::new(model, vec![Message::text(Role::User, prompt)]);
    read_extensions(&fields, &mut chat)?;
    let mut repeat = None;
    if let Some(options) = fields.object("options")? {
        if let Some(name) = OPTIONS.into_iter().find(|name| options.is_null(name)) {
            // Spin writes a number that is none (NaN, infinity) as null.
            return Err(options.refuse(name, "must be a number, and is null: was it NaN?"));
        }
        chat.max_tokens = options.count("maxTokens")?;
        chat.sampling.temperature =
            options.number("temperature", |it| (0.0..=2.0).contains(&it), "from 0 to 2")?;
        chat.sampling.top_k = options.count("topK")?;
        chat.sampling.top_p = options.number("topP", |it| it > 0.0 && it <= 1.0, "above 0 and at most 1")?;
        repeat = read_repeat(&options)?;
    }
    Ok(Infer { chat, repeat })
}

fn read_repeat(options: &Fields<'_>) -> Result<Option<Repeat>, ApiError> {
    const LAST: &str = "repeatPenaltyLastNTokenCount";
    let range = |it: f64| it > 0.0 && it <= 100.0;
    let penalty = options.number("repeatPenalty", range, "above 0 and at most 100")?;
    let last_tokens = match options.whole(LAST)? {
        None => None,
        Some(count) => Some(
            u32::try_from(count)
                .map_err(|_| options.refuse(LAST, "must be a whole number from 0 to 4294967295"))?,
        ),
    };
    match (penalty, last_tokens) {
        (Some(penalty), Some(last_tokens)) if penalty != 1.0 && last_tokens > 0 => {
            Ok(Some(Repeat { penalty, last_tokens }))
        }
        (Some(penalty), None) if penalty != 1.0 => {
            Err(options.refuse(LAST, "is missing beside `repeatPenalty`"))
        }
        _ => Ok(None),
    }
}

/// The answer. The protocol has no word for why it ended.
pub fn render_infer(completion: &Completion) -> Result<Value, ApiError> {
    if !completion.choice.tool_calls.is_empty() {
        return Err(ApiError::new(
            502,
            "unreadable",
            "the model service calls tools, and none were offered",
        ));
    }
    Ok(json!({
        "text": completion.choice.content,
        "usage": {
            "promptTokenCount": completion.usage.prompt_tokens,
            "generatedTokenCount": completion.usage.completion_tokens,
        },
    }))
}
