//! The server's side: clients of Anthropic's API are answered by whatever answers `gyre_chat_wire`.

mod content;
mod endpoint;
mod error;
mod message;
mod model_list;
mod request;
mod stream_writer;
mod tools;
mod unsupported;

pub use endpoint::Endpoint;
pub use error::{error_event, render_error, status_of};
pub use message::{Answer, render_message};
pub use model_list::{ModelQuery, render_model, render_models};
pub use request::{MessagesRequest, parse_count_tokens, parse_message, render_token_count};
pub use stream_writer::{MessageWriter, PING};
