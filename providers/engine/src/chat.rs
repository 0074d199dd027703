//! Chat completion: one context decodes many sequences, a step at a time.

mod ability;
mod admission;
mod budget;
mod calls;
mod check;
mod conversation;
mod fair;
mod family;
mod grammar;
mod guard;
mod ids;
mod line;
mod memory;
mod output;
mod owner;
mod place;
mod plan;
mod preempt;
mod prepare;
mod request;
mod sampler;
mod sequence;
mod special;
mod step;
mod template;
mod text;
mod turns;
mod vocabulary;

pub(crate) use check::parse;
pub(crate) use owner::{ChatJob, serve};
