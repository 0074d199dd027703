//! Google's Gemini API (v1, which was v1beta), asked as one more model service. Nothing else in Gyre knows that wire.
//!
//! [`Method`] gives the path, [`request_json`] the body; [`parse_answer`] and [`AnswerReader`] read what comes back
//! as completions and chunks of `gyre_chat_wire`; [`embedding_request_json`] and [`parse_embeddings`] do the same for
//! vectors, [`parse_models`] for the list of models, [`parse_error`] for refusals. All types are plain values, free of
//! I/O.

mod answer;
mod answer_reader;
mod contents;
mod embedding;
mod finish;
mod logprobs;
mod method;
mod model_list;
mod refusal;
mod request;

pub use answer::{AnswerError, Asked, parse_answer};
pub use answer_reader::AnswerReader;
pub use embedding::{TEXTS_MAX, embedding_request_json, parse_embeddings};
pub use method::{KEY_HEADER, Method};
pub use model_list::{ModelPage, parse_models};
pub use refusal::parse_error;
pub use request::request_json;
