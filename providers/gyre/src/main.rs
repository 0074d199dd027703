//! The Gyre host and its command line: parse, say where logs go, run the verb, exit with its code.

mod build;
mod chosen_models;
mod cli;
mod client;
mod confinement;
mod doctor;
mod exit;
mod forge;
mod inference;
mod load_bar;
mod model;
mod opened;
mod operations;
mod program;
mod report;
mod scaffold;
mod serve_model;
mod source;
mod sources;
mod state;
mod stop;
mod stores;
mod table;
mod telemetry;
mod text;
mod time;
mod tool;
mod up;
mod watch;

use anyhow::{Context, Result};
use clap::Parser;
use cli::{Cli, Verb};
use exit::Exit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Crates that log the headers of requests, tokens among them, when they are asked for much.
const TELLTALES: [&str; 3] = ["oci_client", "ureq", "ureq_proto"];
/// What components write to stdout and stderr; logged whatever the level, unless the filter names it.
const GUESTS: &str = "gyre::guest";

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        start_logs(&cli)?;
        start_tls();
        match cli.verb {
            // They start their runtime themselves: no thread may run before the second wall stands.
            Verb::Up(args) => up::up(&args).map(|()| Exit::Ok),
            Verb::ServeModel(args) => serve_model::run(args).map(|()| Exit::Ok),
            Verb::Forge(args) => forge::run(&args).map(|()| Exit::Ok),
            verb => runtime()?.block_on(run(verb)),
        }
    }));
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => report::report(&error),
        // The panic has said where it happened.
        Err(_) => Exit::Internal,
    };
    exit.into()
}

/// Names who does TLS, for every client in this process: the libraries leave it open.
fn start_tls() {
    // Only who came first could have named another, and nobody comes before main.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Threads for everything that waits.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Runtime::new().context("cannot start the async runtime")
}

async fn run(verb: Verb) -> Result<Exit> {
    match verb {
        Verb::Up(_) | Verb::ServeModel(_) | Verb::Forge(_) => {
            Err(anyhow::anyhow!("this verb needs no runtime of ours"))
        }
        Verb::Build(args) => build::run(&args).await.map(|()| Exit::Ok),
        Verb::New(args) => scaffold::new(&args).map(|()| Exit::Ok),
        Verb::Add(args) => scaffold::add(&args).map(|()| Exit::Ok),
        Verb::Chat(args) => client::chat::run(&args).await,
        Verb::Ingest(args) => client::ingest::run(&args).await,
        Verb::Search(args) => client::search::run(&args).await.map(|()| Exit::Ok),
        Verb::Agent(args) => client::agent::run(&args).await.map(|()| Exit::Ok),
        Verb::Run(args) => program::run(*args).await,
        Verb::Session(args) => client::session::run(&args).await.map(|()| Exit::Ok),
        Verb::Model(args) => model::run(&args).await.map(|()| Exit::Ok),
        Verb::Tool(args) => tool::run(&args).await.map(|()| Exit::Ok),
        Verb::Doctor(args) => doctor::run(&args).await,
    }
}

/// Logs go to stderr, as lines or as JSON; stdout is for results.
fn start_logs(cli: &Cli) -> Result<()> {
    let cure = "name a level, as in GYRE_LOG=info";
    let filter = EnvFilter::try_new(&cli.log)
        .map_err(|error| exit::Usage::new(format!("the log filter cannot be read: {error}"), cure))?;
    let filter = TELLTALES.iter().try_fold(filter, |filter, target| {
        Ok::<_, anyhow::Error>(filter.add_directive(format!("{target}=warn").parse()?))
    })?;
    let filter = if cli.log.contains(GUESTS) {
        filter
    } else {
        filter.add_directive(format!("{GUESTS}=info").parse()?)
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match cli.log_format {
        cli::LogFormat::Text => builder.init(),
        cli::LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
