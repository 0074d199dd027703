//! The bodies of `POST /api/chat` and `POST /api/generate`.

use crate::keep_alive::{self, KeepAlive};
use crate::options::{self, Repeat};
use crate::{format, messages, tools};
use gyre_chat_wire::{ApiError, ChatRequest, Fields, Message, Role, parse_body, read_extensions};
use serde_json::Value;

const TOP_LOGPROBS_MAX: u64 = 20;

/// Which of the two forms an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `message`, of `/api/chat`.
    Chat,
    /// `response`, of `/api/generate`.
    Generate,
}

/// What a client asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The form of the answer.
    pub shape: Shape,
    /// The model it names. It may end in `:latest`, see [`crate::plain_name`].
    pub model: String,
    /// What to do.
    pub work: Work,
    /// How long it wishes the model to stay in memory.
    pub keep_alive: Option<KeepAlive>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Answer.
    Talk(Box<Talk>),
    /// Say nothing: the model shall be there. Answered by [`crate::render_loaded`], if there is such a model.
    Load,
}

/// A request that wants an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Talk {
    /// What to complete. `stream` tells whether to answer in lines.
    pub chat: ChatRequest,
    /// What the chat wire has no place for.
    pub repeat: Option<Repeat>,
}

/// Reads the body of `POST /api/chat`.
pub fn parse_chat(body: &[u8]) -> Result<Asked, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    let messages = messages::read(&fields)?;
    let tools = tools::read(&fields)?;
    let mut asked = asked(Shape::Chat, &fields, messages)?;
    if let Work::Talk(talk) = &mut asked.work {
        talk.chat.tools = tools;
    }
    Ok(asked)
}

/// Reads the body of `POST /api/generate`: the prompt is one turn of a user, put into the model's own template.
pub fn parse_generate(body: &[u8]) -> Result<Asked, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    refuse_ungenerated(&fields)?;
    let prompt = fields.string("prompt")?.filter(|text| !text.is_empty());
    let system = fields.string("system")?.filter(|text| !text.is_empty());
    let messages = match prompt {
        None => Vec::new(),
        Some(prompt) => system
            .map(|text| Message::text(Role::System, text))
            .into_iter()
            .chain([Message::text(Role::User, prompt)])
            .collect(),
    };
    asked(Shape::Generate, &fields, messages)
}

fn asked(shape: Shape, fields: &Fields<'_>, messages: Vec<Message>) -> Result<Asked, ApiError> {
    let model = fields.required("model")?.to_owned();
    let keep_alive = keep_alive::read(fields)?;
    refuse_unsupported(fields)?;
    if messages.is_empty() {
        if keep_alive == Some(KeepAlive::Ms(0)) {
            let what = "of 0 without a prompt unloads the model, which no request does here";
            return Err(fields.refuse("keep_alive", what));
        }
        return Ok(Asked {
            shape,
            model,
            work: Work::Load,
            keep_alive,
        });
    }
    let mut chat = ChatRequest::new(model.as_str(), messages);
    read_extensions(fields, &mut chat)?;
    chat.format = format::read(fields)?;
    let repeat = options::read(fields, &mut chat)?;
    chat.sampling.logprobs = logprobs(fields)?;
    chat.stream = match fields.get("stream") {
        None => true,
        Some(_) => fields.flag("stream")?,
    };
    chat.include_usage = chat.stream;
    Ok(Asked {
        shape,
        model,
        work: Work::Talk(Box::new(Talk { chat, repeat })),
        keep_alive,
    })
}

/// Fields of both paths that cannot be honoured.
fn refuse_unsupported(fields: &Fields<'_>) -> Result<(), ApiError> {
    if fields.flag("truncate")? {
        let what =
            "must be false: a prompt that does not fit is refused, nothing is left out; hint: leave it out";
        return Err(fields.refuse("truncate", what));
    }
    if fields.flag("shift")? {
        let what = "must be false: an answer ends where the context does; hint: leave it out";
        return Err(fields.refuse("shift", what));
    }
    if fields.flag("_debug_render_only")? {
        return Err(fields.refuse("_debug_render_only", "must be false: prompts are not shown"));
    }
    match fields.get("think") {
        None | Some(Value::Bool(false)) => Ok(()),
        Some(_) => {
            let what = "must be false: thoughts are not told apart from the answer here; hint: leave it out";
            Err(fields.refuse("think", what))
        }
    }
}

/// Fields of `/api/generate` that cannot be honoured, unless they hold nothing.
fn refuse_ungenerated(fields: &Fields<'_>) -> Result<(), ApiError> {
    for (name, why) in [
        (
            "suffix",
            "is not supported: models write forward only; hint: use `prompt` alone",
        ),
        (
            "template",
            "is not supported: the model's own template is used; hint: leave it out",
        ),
        (
            "context",
            "is not supported: hint: send the conversation to /api/chat",
        ),
        ("images", "is not supported: models read text only here"),
        (
            "raw",
            "is not supported: the model's own template is always used; hint: leave it out",
        ),
        ("width", "is not supported: no images are made"),
        ("height", "is not supported: no images are made"),
        ("steps", "is not supported: no images are made"),
    ] {
        let nothing = |value: &Value| match value {
            Value::Bool(on) => !on,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::Null | Value::Object(_) => false,
        };
        if fields.get(name).is_some_and(|value| !nothing(value)) {
            return Err(fields.refuse(name, why));
        }
    }
    Ok(())
}

fn logprobs(fields: &Fields<'_>) -> Result<Option<u32>, ApiError> {
    let top = match fields.whole("top_logprobs")? {
        Some(top) if top > TOP_LOGPROBS_MAX => {
            return Err(fields.refuse("top_logprobs", "must be a whole number from 0 to 20"));
        }
        // It counts where `logprobs` is true only, as Ollama has it.
        top => u32::try_from(top.unwrap_or_default()).unwrap_or_default(),
    };
    Ok(fields.flag("logprobs")?.then_some(top))
}
