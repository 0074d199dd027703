//! Chat completion: one context decodes many sequences, a step at a time.

mod calls;
mod check;
mod conversation;
mod family;
mod grammar;
mod guard;
mod ids;
mod output;
mod owner;
mod plan;
mod request;
mod sampler;
mod sequence;
mod template;
mod text;
mod vocabulary;

pub(crate) use owner::{ChatJob, serve};
pub(crate) use request::parse;
