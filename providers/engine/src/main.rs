//! The inference worker: reads calls from stdin, answers on stdout, logs to stderr, ends with its parent.
//!
//! `server` hands each call to the owner thread of its model; an owner thread holds the only llama.cpp
//! context of that model and decodes many sequences in one batch (`chat`) or many texts (`pooled`: `embedding`,
//! `reranking`), or the only session of an ONNX graph (`onnx`). `residents` knows which models of llama.cpp hold
//! memory, `room` which of them make room for another.

mod ability;
mod adapters;
mod allowance;
mod args;
mod backends;
mod batch;
mod bell;
mod bounded;
mod call;
mod catalog;
mod chat;
mod confinement;
mod counters;
mod devices;
mod drafting;
mod embedding;
mod freed;
mod inbox;
mod loading;
mod need;
mod no_memory;
mod onnx;
mod owner;
mod pace;
mod pooled;
mod presence;
mod purse;
mod queue;
mod quiet;
mod reranking;
mod residents;
mod room;
mod server;
mod setup;
mod shelf;
mod thread;
mod vitals;

use anyhow::Context;
use clap::Parser;
use gyre_engine_ipc::frame;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::{LogOptions, send_logs_to_tracing};
use std::io::IsTerminal;
use std::sync::Arc;
use tracing_subscriber::EnvFilter;

/// llama.cpp tells much while it loads a model; errors only, unless asked for.
const LOG_DEFAULT: &str = "warn,llama-cpp-2=error";
/// The variable that says what the host logs: its worker logs with it.
const LOG_VARIABLE: &str = "GYRE_LOG";

fn main() -> anyhow::Result<()> {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == args::DEVICES)
    {
        return print_devices();
    }
    let args = args::Args::parse();
    let log = quiet::log().context("the worker has nowhere to log")?;
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new(LOG_DEFAULT));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(log)
        .init();
    // Before the wall, which may hide what the kernel says of memory.
    let bytes_max = args.memory_bytes();
    tracing::debug!(bytes_max, "memory that models may take");
    // Before llama.cpp starts any thread.
    confinement::enter(&args)?;
    if let Some(bytes) = args.data_bytes_max {
        gyre_confine::limit_memory(bytes)?;
    }
    send_logs_to_tracing(LogOptions::default().with_logs_enabled(true));
    backends::load()?;
    let backend = Arc::new(LlamaBackend::init().context("llama.cpp cannot be initialised")?);

    let outbox = call::Outbox::start(std::io::stdout());
    let mut server = server::Server::new(args, bytes_max, backend, outbox);
    let mut stdin = std::io::stdin().lock();
    while let Some(call) = frame::read(&mut stdin).context("the host's calls cannot be read")? {
        if server.take(call).is_break() {
            break;
        }
    }
    // The host is gone or said so. Owner threads may be deep in llama.cpp: nobody waits for them.
    std::process::exit(0)
}

/// Tells what there is to compute on, as JSON, and nothing else.
fn print_devices() -> anyhow::Result<()> {
    send_logs_to_tracing(LogOptions::default().with_logs_enabled(false));
    backends::load()?;
    let _backend = LlamaBackend::init().context("llama.cpp cannot be initialised")?;
    let report = serde_json::to_string(&devices::report()).context("the devices cannot be written")?;
    println!("{report}");
    Ok(())
}
