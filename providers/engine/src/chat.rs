//! Chat completion: one context decodes many sequences, a step at a time.

mod ability;
mod calls;
mod check;
mod conversation;
mod family;
mod grammar;
mod guard;
mod ids;
mod logprobs;
mod memory;
mod output;
mod owner;
mod plan;
mod request;
mod rule;
mod sampler;
mod schema;
mod sequence;
mod special;
mod template;
mod text;
mod trigger;
mod turns;
mod vocabulary;

pub(crate) use check::parse;
pub(crate) use owner::{ChatJob, serve};
