//! Ollama's API (`/api/…`) as a face: its requests become [`gyre_chat_wire::ChatRequest`] and
//! [`gyre_chat_wire::EmbeddingRequest`], and answers, whole or streamed, become its objects and lines.
//!
//! [`Endpoint::of`] first. [`parse_chat`] and [`parse_generate`] give an [`Asked`]; its answer is [`render`] or the lines
//! of a [`LineWriter`]. [`parse_embed`] and [`parse_embeddings`] go with [`render_embed`] and [`render_embeddings`];
//! [`parse_show`], [`render_tags`], [`render_show`], [`render_running`] and [`render_version`] tell of models.
//! Refusals are [`gyre_chat_wire::ApiError`]s, written by [`error_json`]. Plain values, no I/O, no clock.
//!
//! Source: Ollama 0.33.0-rc2 (`api/types.go`, `server/routes.go`), ollama-python 0.6.3, langchain-ollama 1.1.0.

mod answer;
mod asked;
mod calls;
mod embedding;
mod endpoint;
mod failure;
mod format;
mod keep_alive;
mod line_writer;
mod logprobs;
mod messages;
mod models;
mod options;
mod timestamp;
mod tools;

pub use answer::{Timings, render, render_loaded};
pub use asked::{Asked, Shape, Talk, Work, parse_chat, parse_generate};
pub use embedding::{Embed, parse_embed, parse_embeddings, render_embed, render_embeddings};
pub use endpoint::{Endpoint, GREETING};
pub use failure::error_json;
pub use keep_alive::KeepAlive;
pub use line_writer::LineWriter;
pub use models::{
    ModelFacts, Running, parse_show, plain_name, render_running, render_show, render_tags, render_version,
};
pub use options::Repeat;
