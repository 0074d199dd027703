//! Chat completion: one context decodes many sequences, a step at a time.

mod ability;
mod adapters;
mod admission;
mod budget;
mod calls;
mod check;
mod conversation;
mod drafted;
mod fair;
mod family;
mod grammar;
mod guard;
#[cfg(test)]
mod hostile;
mod ids;
mod job;
mod leave;
mod line;
mod logprobs;
mod memory;
mod output;
mod owner;
mod place;
mod plan;
mod pool;
mod preempt;
mod prefix;
mod prepare;
mod request;
mod rule;
mod sampler;
mod schema;
mod sequence;
mod special;
mod step;
mod template;
mod text;
mod trigger;
mod turns;
mod vocabulary;

pub(crate) use check::parse;
pub(crate) use job::ChatJob;
pub(crate) use owner::serve;

/// llama.cpp, of all tests of the process: it is initialised once.
#[cfg(test)]
fn llama() -> &'static llama_cpp_2::llama_backend::LlamaBackend {
    use llama_cpp_2::llama_backend::LlamaBackend;
    use std::sync::OnceLock;

    static BACKEND: OnceLock<LlamaBackend> = OnceLock::new();
    BACKEND.get_or_init(|| LlamaBackend::init().expect("once a process"))
}
