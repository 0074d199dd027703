//! The client's side: a server of Anthropic's API as one more model service.
//!
//! Headers, beside the key: [`VERSION`] and `content-type: application/json`. What the API returns and
//! `gyre_chat_wire` has no place for is left out: thoughts, and which text ended an answer.

mod answer;
mod events;
mod model_list;
mod refusal;
mod request;
mod stream_reader;
mod turns;

pub use answer::parse_message;
pub use model_list::{ModelPage, parse_models};
pub use refusal::parse_error;
pub use request::request_json;
pub use stream_reader::MessageReader;

/// The header that names the version of the API, and its value. Every request needs it.
pub const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");
/// The header that carries the key, bare.
pub const KEY_HEADER: &str = "x-api-key";
/// The path of messages below the base of the API, as clients are told one: `https://host/v1`.
pub const MESSAGES_PATH: &str = "/messages";
/// The path of the list of models below that base.
pub const MODELS_PATH: &str = "/models";
