//! Values of a conversation, as plain Rust.

use crate::behalf::Priority;
use crate::budget::Budget;

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Instructions (also OpenAI's `developer`).
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
    /// The result of a tool call.
    Tool,
}

impl Role {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// A call of a tool that the model asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// Identifies the call in the conversation.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// Arguments, a JSON object.
    pub arguments: String,
}

/// A piece of a tool call, as it is generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCallPart {
    /// Which call of this completion, from 0.
    pub index: u32,
    /// Given once, with the first part.
    pub id: Option<String>,
    /// Given once, with the first part.
    pub name: Option<String>,
    /// The next piece of the JSON arguments.
    pub arguments: String,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who wrote it.
    pub role: Role,
    /// Its text; empty when an assistant only calls tools.
    pub content: String,
    /// Calls made in this turn (role assistant).
    pub tool_calls: Vec<ToolCall>,
    /// The call this message answers (role tool).
    pub tool_call_id: Option<String>,
}

impl Message {
    /// A message that is only text.
    pub fn text(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }
}

/// A tool the model may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Name, unique within the request.
    pub name: String,
    /// What it does, for the model to read.
    pub description: String,
    /// JSON Schema of the arguments.
    pub parameters: String,
}

/// Whether the model calls a tool, where tools are offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ToolChoice {
    /// As it sees fit.
    #[default]
    Auto,
    /// It calls at least one.
    Required,
    /// It calls this one.
    Tool(String),
}

/// The shape the answer must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Free text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON that matches this JSON Schema.
    JsonSchema(String),
}

/// How tokens are chosen. What is absent is the model's default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sampling {
    /// Softmax temperature, 0 to 2; 0 is greedy.
    pub temperature: Option<f32>,
    /// Nucleus sampling mass, in (0, 1].
    pub top_p: Option<f32>,
    /// Candidates kept, at least 1 (an extension many servers share).
    pub top_k: Option<u32>,
    /// Seed of the random generator.
    pub seed: Option<u64>,
    /// Least likelihood beside the likeliest token, 0 to 1 (an extension many servers share).
    pub min_p: Option<f32>,
    /// Taken from a token's logit as often as it stood before, -2 to 2.
    pub frequency_penalty: Option<f32>,
    /// Taken once from the logit of a token that stood before, -2 to 2.
    pub presence_penalty: Option<f32>,
    /// Added to the logits of these tokens.
    pub logit_bias: Vec<LogitBias>,
    /// Tell how likely each token was, and this many of the likeliest beside it, at most 20.
    pub logprobs: Option<u32>,
}

/// What is added to the logit of a token, -100 to 100.
#[derive(Debug, Clone, PartialEq)]
pub struct LogitBias {
    /// Which token.
    pub token: BiasToken,
    /// What is added.
    pub bias: f32,
}

/// A token whose likelihood is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BiasToken {
    /// By its number.
    Id(u32),
    /// By a text that is one token (an extension of llama.cpp's server).
    Text(String),
}

/// A token and the logarithm of its probability.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenLogprob {
    /// Its text, which may begin or end within a character.
    pub bytes: Vec<u8>,
    /// At most 0.
    pub logprob: f32,
}

/// How likely a token was.
#[derive(Debug, Clone, PartialEq)]
pub struct Logprobs {
    /// The token that was chosen.
    pub chosen: TokenLogprob,
    /// The likeliest tokens, likeliest first.
    pub top: Vec<TokenLogprob>,
}

/// A request for a completion.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    /// Model name.
    pub model: String,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Tools the model may call.
    pub tools: Vec<Tool>,
    /// Whether it calls one.
    pub tool_choice: ToolChoice,
    /// Shape of the answer.
    pub format: Format,
    /// Choice of tokens.
    pub sampling: Sampling,
    /// Strings that end the completion.
    pub stop: Vec<String>,
    /// Completion tokens at most.
    pub max_tokens: Option<u32>,
    /// What else bounds it.
    pub budget: Budget,
    /// A LoRA adapter of the model, by name.
    pub adapter: Option<String>,
    /// On whose behalf.
    pub tenant: Option<String>,
    /// How urgent it is.
    pub priority: Priority,
    /// Whether to answer as a stream of chunks.
    pub stream: bool,
    /// Whether a stream ends with a chunk that carries usage.
    pub include_usage: bool,
}

impl ChatRequest {
    /// A request with nothing but a model and messages.
    pub fn new(model: impl Into<String>, messages: Vec<Message>) -> Self {
        Self {
            model: model.into(),
            messages,
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            format: Format::Text,
            sampling: Sampling::default(),
            stop: Vec::new(),
            max_tokens: None,
            budget: Budget::default(),
            adapter: None,
            tenant: None,
            priority: Priority::Normal,
            stream: false,
            include_usage: false,
        }
    }
}
