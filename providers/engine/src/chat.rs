//! Chat completion: one context decodes many sequences, a step at a time.

mod ability;
mod calls;
mod check;
mod conversation;
mod family;
mod grammar;
mod guard;
#[cfg(test)]
mod hostile;
mod ids;
mod memory;
mod output;
mod owner;
mod plan;
mod request;
mod sampler;
mod schema;
mod sequence;
mod special;
mod template;
mod text;
mod turns;
mod vocabulary;

pub(crate) use check::parse;
pub(crate) use owner::{ChatJob, serve};
