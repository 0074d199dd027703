//! Chat completion: one context decodes many sequences, a step at a time.

mod grammar;
mod owner;
mod plan;
mod request;
mod sampler;
mod sequence;
mod template;
mod text;

pub(crate) use owner::{ChatJob, serve};
pub(crate) use request::parse;
