//! What this API has and is not done here, refused by name.

use gyre_chat_wire::{ApiError, Fields};
use serde_json::Value;

/// Fields that are refused whatever they hold, and why.
const REFUSED: [(&str, &str); 5] = [
    (
        "conversation",
        "is not supported: conversations are not kept; hint: leave it out and send the earlier items in `input`",
    ),
    (
        "prompt",
        "is not supported: no prompt templates are kept; hint: send the text in `instructions` and `input`",
    ),
    (
        "moderation",
        "is not supported: nothing moderates here; hint: leave it out",
    ),
    (
        "context_management",
        "is not supported: nothing is compacted here; hint: leave it out and send fewer items",
    ),
    (
        "prompt_cache_options",
        "is not supported: how long prompts stay cached is the host's decision; hint: leave it out",
    ),
];

/// What `include` may ask for. All but the first belong to tools, images or reasoning, of which no answer has any.
const INCLUDES: [&str; 6] = [
    "message.output_text.logprobs",
    "reasoning.encrypted_content",
    "file_search_call.results",
    "web_search_call.action.sources",
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
];
const INCLUDES_MAX: usize = 16;

pub(crate) fn check(fields: &Fields<'_>) -> Result<(), ApiError> {
    for (name, why) in REFUSED {
        if fields.get(name).is_some_and(|value| !is_empty_list(value)) {
            return Err(fields.refuse(name, why));
        }
    }
    if fields.flag("background")? {
        return Err(fields.refuse(
            "background",
            "must be false: a response ends with its call; hint: leave it out, and use `stream`",
        ));
    }
    match fields.string("truncation")? {
        None | Some("disabled") => {}
        Some(_) => {
            let what = "must be \"disabled\": no item is left out in silence; hint: send fewer items";
            return Err(fields.refuse("truncation", what));
        }
    }
    if let Some(options) = fields.object("stream_options")?
        && options.flag("include_obfuscation")?
    {
        return Err(options.refuse("include_obfuscation", "must be false: events are not padded"));
    }
    reasoning(fields)
}

fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// No answer has reasoning apart from its text, so only what asks for none can be honoured.
fn reasoning(fields: &Fields<'_>) -> Result<(), ApiError> {
    let Some(reasoning) = fields.object("reasoning")? else {
        return Ok(());
    };
    for (name, honoured) in [
        ("effort", "none"),
        ("mode", "standard"),
        ("context", "auto"),
        ("summary", ""),
        ("generate_summary", ""),
    ] {
        if reasoning.string(name)?.is_some_and(|it| it != honoured) {
            let what = "is not supported: reasoning is not told apart from text; hint: leave it out";
            return Err(reasoning.refuse(name, what));
        }
    }
    Ok(())
}

/// Whether `include` asks for the likelihood of tokens.
pub(crate) fn include(fields: &Fields<'_>) -> Result<bool, ApiError> {
    let mut logprobs = false;
    for item in fields.array("include", INCLUDES_MAX)?.into_iter().flatten() {
        match item.as_str() {
            Some("message.output_text.logprobs") => logprobs = true,
            Some(name) if INCLUDES.contains(&name) => {}
            _ => {
                let what = format!("may hold these only: {}", INCLUDES.join(", "));
                return Err(fields.refuse("include", &what));
            }
        }
    }
    Ok(logprobs)
}
