//! OpenAI's chat, embedding and model-list JSON, both sides. Nothing else in Gyre knows that wire.
//!
//! Server side: [`parse_chat`] and [`parse_embedding`] read requests, [`Completion`], [`ChunkWriter`],
//! [`render_embeddings`] and [`render_models`] write answers, [`ApiError`] writes every refusal.
//! Client side: [`ChatRequest::to_json`], [`ChunkReader`], [`parse_completion`], [`embedding_request_json`],
//! [`parse_embeddings`], [`parse_models`] and [`parse_error`]. All types are plain values, free of I/O.
//! Other faces turn their wire into [`ChatRequest`] and back; [`Fields`], [`parse_body`] and [`read_extensions`] are what
//! they share.

mod behalf;
mod budget;
mod chunk_reader;
mod chunk_writer;
mod completion;
mod embedding;
mod ending;
mod endpoint;
mod error;
mod fields;
mod logprobs;
mod message;
mod model_list;
mod request;
mod request_json;
mod sampling;
mod sse;
mod types;

pub use behalf::Priority;
pub use budget::Budget;
pub use chunk_reader::{ChatEvent, ChunkReader, StreamError};
pub use chunk_writer::{ChunkWriter, DONE};
pub use completion::{Choice, Completion, parse_completion};
pub use embedding::{
    EmbeddingRequest, Embeddings, Encoding, embedding_request_json, parse_embedding, parse_embeddings,
    render_embeddings,
};
pub use ending::{FinishReason, Usage};
pub use endpoint::{BODY_BYTES_MAX, Endpoint, check_content_type};
pub use error::{ApiError, Failure, Overflow, WireError, parse_error};
pub use fields::{Fields, parse_body};
pub use model_list::{ModelEntry, parse_models, render_models};
pub use request::{parse_chat, read_extensions, requested_model};
pub use sse::{EventTooLong, SseEvent, SseParser};
pub use types::{
    BiasToken, ChatRequest, Format, LogitBias, Logprobs, Message, Role, Sampling, TokenLogprob, Tool,
    ToolCall, ToolCallPart, ToolChoice,
};
