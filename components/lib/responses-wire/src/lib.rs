//! OpenAI's Responses API (`POST /v1/responses`) as a face: its requests become [`gyre_chat_wire::ChatRequest`], and
//! completions, whole or streamed, become its objects and events.
//!
//! Read [`parse`] first: it gives an [`Asked`], which becomes a request by [`Asked::alone`] where nothing is kept between
//! calls, or by [`Asked::after`] where something is. Answers are [`render`] or the events of a [`ResponseWriter`].
//! Refusals are [`gyre_chat_wire::ApiError`], which is this API's own shape. Plain values, no I/O, no clock.
//!
//! Source: the types of openai-python 2.54 and 3.54 and openai-node, and what their stream helpers demand.

mod content;
mod echo;
mod events;
mod failure;
mod format;
mod input;
mod items;
mod logprobs;
mod open_item;
mod request;
mod response;
mod route;
mod tools;
mod unsupported;
mod writer;

pub use echo::Echo;
pub use failure::in_terms_of_responses;
pub use request::{Accepted, Asked, parse};
pub use response::{Head, render};
pub use route::{PATH, check_route};
pub use writer::ResponseWriter;
