//! From a checkout to a running Gyre.

mod corpus;
mod install;
mod server;

use crate::exit;
use crate::repository::Repository;
use crate::{build, setup};
use anyhow::Result;
use server::{Ready, Server};
use std::path::PathBuf;

/// How to start.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Address to listen on, as in `gyre up --listen`.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Folder for databases and caches, as in `gyre up --state`.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    #[command(flatten)]
    setup: setup::Options,
    /// More arguments for `gyre up`.
    #[arg(last = true)]
    more: Vec<String>,
}

/// Runs until Gyre ends, and returns its exit code.
pub(crate) fn run(repository: &Repository, options: &Options) -> Result<u8> {
    let code = setup::run(repository, &options.setup)?;
    if code != exit::OK {
        return Ok(code);
    }
    build::run(repository)?;
    let gyre = install::run(repository)?;
    let mut server = Server::start(repository, &gyre, &server_arguments(options))?;
    let url = match server.wait_until_ready()? {
        Ready::At(url) => url,
        Ready::Ended(code) => return Ok(code),
    };
    match corpus::ingest(repository, &gyre, &url) {
        Ok(()) => announce(&url),
        // Gyre serves all the same; only its first corpus is missing.
        Err(error) => {
            eprintln!("warning: the repository's own documents were not ingested: {error:#}");
            eprintln!("hint: `gyre ingest --url {url} README.md docs` tries again");
        }
    }
    server.wait()
}

fn server_arguments(options: &Options) -> Vec<std::ffi::OsString> {
    let mut arguments = vec!["up".into()];
    if let Some(listen) = &options.listen {
        arguments.extend(["--listen".into(), listen.into()]);
    }
    if let Some(state) = &options.state {
        arguments.extend(["--state".into(), state.into()]);
    }
    arguments.extend(options.more.iter().map(Into::into));
    arguments
}

fn announce(url: &str) {
    println!("\nGyre is at {url}. Try, in another terminal:");
    println!("    gyre chat --url {url} researcher \"How does Gyre isolate an agent?\"");
    println!(
        "    curl -N {url}/api/v1/agents/researcher/chat --json '{{\"input\":\"What is a leaf?\",\"stream\":true}}'"
    );
    println!("    gyre ingest --url {url} ./my-docs");
    println!("Ctrl-C drains and stops.");
}
