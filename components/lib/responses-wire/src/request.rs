//! The body of `POST /v1/responses`, as a request for a completion.

use crate::echo::{self, Echo};
use crate::tools::Tools;
use crate::{format, input, tools, unsupported};
use gyre_chat_wire::{ApiError, ChatRequest, Fields, Message, Role, parse_body, read_extensions};
use serde_json::Value;

const TOP_LOGPROBS_MAX: u64 = 20;

/// What a client asks, before it is decided what precedes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The response that this one goes on from. Only who keeps responses can honour it.
    pub previous_response_id: Option<String>,
    /// Whether the client says that the response shall be kept, or not. OpenAI keeps what says nothing.
    pub store: Option<bool>,
    instructions: Option<String>,
    /// Its messages are those of `input`.
    chat: ChatRequest,
    echo: Echo,
}

/// A request that can be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// What to complete. `stream` tells whether to answer with events.
    pub chat: ChatRequest,
    /// What every answer repeats of the request.
    pub echo: Echo,
}

/// Reads the body. Fields that this API does not have are tolerated; those it has and that are not done here are refused
/// by name.
pub fn parse(body: &[u8]) -> Result<Asked, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    unsupported::check(&fields)?;
    let include_logprobs = unsupported::include(&fields)?;
    let mut chat = ChatRequest::new(fields.required("model")?, input::read(&fields)?);
    read_extensions(&fields, &mut chat)?;
    chat.sampling.temperature =
        fields.number("temperature", |it| (0.0..=2.0).contains(&it), "from 0 to 2")?;
    chat.sampling.top_p = fields.number("top_p", |it| it > 0.0 && it <= 1.0, "above 0 and at most 1")?;
    chat.sampling.logprobs = logprobs(&fields, include_logprobs)?;
    chat.max_tokens = fields.count("max_output_tokens")?;
    chat.stream = fields.flag("stream")?;
    chat.include_usage = chat.stream;
    chat.format = format::read(&fields)?;
    let Tools { offered, choice } = tools::read(&fields)?;
    chat.tools = offered;
    chat.tool_choice = choice;
    Ok(Asked {
        previous_response_id: fields.string("previous_response_id")?.map(str::to_owned),
        store: fields.get("store").map(|_| fields.flag("store")).transpose()?,
        instructions: fields.string("instructions")?.map(str::to_owned),
        echo: echo::read(&fields, &chat)?,
        chat,
    })
}

/// How many of the likeliest tokens to tell beside each one. OpenAI's servers tell them where `include` says so; a
/// number above 0 says the same.
fn logprobs(fields: &Fields<'_>, included: bool) -> Result<Option<u32>, ApiError> {
    let read = |value: &Value| {
        let count = value.as_u64().filter(|count| *count <= TOP_LOGPROBS_MAX);
        let count = count.and_then(|count| u32::try_from(count).ok());
        count.ok_or_else(|| fields.refuse("top_logprobs", "must be a whole number from 0 to 20"))
    };
    let top = fields.get("top_logprobs").map(read).transpose()?;
    Ok(match top {
        Some(top) if top > 0 => Some(top),
        _ => included.then_some(0),
    })
}

impl Asked {
    /// The model it names.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.chat.model
    }

    /// What it says, without instructions and without what went before: what a store keeps of it.
    #[must_use]
    pub fn input(&self) -> &[Message] {
        &self.chat.messages
    }

    /// The request where nothing is kept between calls. What needs something kept is refused.
    pub fn alone(self) -> Result<Accepted, ApiError> {
        if self.previous_response_id.is_some() {
            return Err(ApiError::invalid(
                "previous_response_id",
                "`previous_response_id` is not supported: responses are not kept; \
                 hint: leave it out and send the earlier items in `input`",
            ));
        }
        if self.store == Some(true) {
            return Err(ApiError::invalid(
                "store",
                "`store` must be false: responses are not kept; hint: leave it out or send false",
            ));
        }
        Ok(self.after(Vec::new(), false))
    }

    /// The request where responses are kept: it goes on from `earlier`, the messages up to the end of the response that
    /// [`Asked::previous_response_id`] names, without its instructions. `kept`: whether this response will be, too.
    #[must_use]
    pub fn after(self, earlier: Vec<Message>, kept: bool) -> Accepted {
        let Self {
            previous_response_id,
            instructions,
            mut chat,
            mut echo,
            ..
        } = self;
        let told = instructions.map(|text| Message::text(Role::System, text));
        let input = std::mem::take(&mut chat.messages);
        chat.messages = told.into_iter().chain(earlier).chain(input).collect();
        echo.set_kept(previous_response_id, kept);
        Accepted { chat, echo }
    }
}
