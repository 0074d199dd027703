//! `gyre search`: what retrieval finds.

use super::{Server, print, print_json, render};
use crate::cli::SearchArgs;
use crate::exit::Usage;
use anyhow::Result;
use gyre_agent_wire::Passages;
use serde::Serialize;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug, Serialize)]
struct Request<'a> {
    query: &'a str,
    limit: u32,
}

/// Runs the verb.
pub(crate) async fn run(args: &SearchArgs) -> Result<()> {
    if args.query.trim().is_empty() {
        return Err(Usage::new("the query is empty", "name what to look for").into());
    }
    let request = Request {
        query: &args.query,
        limit: args.limit,
    };
    let found: Passages = Server::new(&args.server.url, TIMEOUT)?
        .post(&["api", "v1", "search"], &request)
        .await?;
    if args.json {
        return print_json(&found);
    }
    print(&render::passages(&found))?;
    if found.passages.is_empty() {
        eprintln!("nothing found; hint: use other words, or give more documents with `gyre ingest`");
    }
    eprintln!("retrieval: {}", render::retrieval(&found.retrieval));
    Ok(())
}
