//! The verbs that talk to a server, and how they talk to it.

pub(crate) mod agent;
pub(crate) mod chat;
mod error;
mod http;
pub(crate) mod ingest;
mod note;
mod problem;
mod render;
pub(crate) mod run;
pub(crate) mod search;
pub(crate) mod session;
mod url;

pub(crate) use error::Error;
pub(crate) use http::Server;
pub(crate) use url::BaseUrl;

use serde::Serialize;
use std::io::{self, Write as _};

/// Prints a result for machines.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(print(&format!("{}\n", serde_json::to_string_pretty(value)?))?)
}

/// Prints a result, at once.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
