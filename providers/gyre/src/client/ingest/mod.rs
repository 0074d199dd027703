//! `gyre ingest`: finds documents, sends them in batches, says what became of each.

mod batch;
mod document;
mod found;
mod outcome;
mod walk;

use super::{Error, Server, print, print_json};
use crate::cli::IngestArgs;
use crate::exit::Exit;
use crate::text::one_line;
use anyhow::{Context, Result};
use batch::Batcher;
use document::Document;
use found::Found;
use indicatif::{ProgressBar, ProgressStyle};
use outcome::{Outcome, Passed, Reply};
use std::collections::VecDeque;
use std::time::Duration;

/// A batch may hold 2 MiB of text, and embeddings are made on whatever there is.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(600);
/// Lines told on stderr for each sort; --json has all.
const LINES_MAX: usize = 20;
/// What the server says when it is the documents that it cannot take, or not so many at once.
const REFUSED: [u16; 4] = [400, 413, 422, 504];

#[derive(Debug, serde::Serialize)]
struct Request<'a> {
    documents: &'a [Document],
}

/// Runs the verb.
pub(crate) async fn run(args: &IngestArgs) -> Result<Exit> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let (documents, outcome) = walk::walk(&args.paths, &here);
    let server = Server::new(&args.server.url, REQUEST_TIMEOUT)?;
    let bar = progress_bar(documents.len());
    let mut ingest = Ingest {
        server,
        outcome,
        bar,
        batcher: Batcher::default(),
    };
    let sent = tokio::select! {
        sent = ingest.send_all(documents.into()) => sent,
        _ = tokio::signal::ctrl_c() => Err(Error::Interrupted),
    };
    ingest.bar.finish_and_clear();
    let outcome = ingest.outcome;
    if sent.is_ok() || !outcome.documents.is_empty() {
        tell(&outcome, args.json)?;
    }
    sent?;
    Ok(outcome.exit())
}

fn tell(outcome: &Outcome, json: bool) -> Result<()> {
    tell_passed("skipped", &outcome.skipped);
    tell_passed("failed", &outcome.failed);
    if json {
        return print_json(outcome);
    }
    if outcome.documents.is_empty() && outcome.failed.is_empty() {
        eprintln!("no documents found; hint: name files or folders with .md, .markdown, .txt, .html or .htm");
    }
    Ok(print(&format!("{}\n", outcome.summary()))?)
}

fn tell_passed(what: &str, passed: &[Passed]) {
    for Passed { source, reason } in passed.iter().take(LINES_MAX) {
        eprintln!("{what} {}: {}", one_line(source), one_line(reason));
    }
    if passed.len() > LINES_MAX {
        eprintln!("{what} {} more; hint: --json lists all", passed.len() - LINES_MAX);
    }
}

struct Ingest {
    server: Server,
    outcome: Outcome,
    bar: ProgressBar,
    batcher: Batcher,
}

impl Ingest {
    /// Reads and sends; only one batch is in memory at a time.
    async fn send_all(&mut self, mut left: VecDeque<Found>) -> Result<(), Error> {
        while let Some(found) = left.pop_front() {
            let batch = match document::read(&found) {
                Ok(document) => self.batcher.add(document),
                Err(unfit) => {
                    self.bar.inc(1);
                    self.outcome.pass(found.source, found.is_named, &unfit);
                    None
                }
            };
            self.send_some(batch, &left).await?;
        }
        let last = self.batcher.finish();
        self.send_some(last, &left).await
    }

    /// Sends a batch when there is one. What can no longer be sent counts as failed.
    async fn send_some(&mut self, batch: Option<Vec<Document>>, left: &VecDeque<Found>) -> Result<(), Error> {
        let Some(batch) = batch else { return Ok(()) };
        let sent = self.send(&batch).await;
        if let Err(error) = &sent {
            let pending = self.batcher.finish().unwrap_or_default();
            let unsent = batch.iter().chain(&pending).map(|document| &document.source);
            self.outcome
                .unsent(unsent.chain(left.iter().map(|found| &found.source)), error);
        }
        self.bar.inc(batch.len() as u64);
        sent
    }

    async fn send(&mut self, batch: &[Document]) -> Result<(), Error> {
        let Err(error) = self.post(batch).await else {
            return Ok(());
        };
        if !is_refusal(&error) {
            return Err(error);
        }
        if let [document] = batch {
            self.outcome.fail(&document.source, &error);
            return Ok(());
        }
        // One bad document must not keep out its neighbours: each is tried by itself.
        for document in batch {
            match self.post(std::slice::from_ref(document)).await {
                Err(error) if is_refusal(&error) => self.outcome.fail(&document.source, &error),
                other => other?,
            }
        }
        Ok(())
    }

    async fn post(&mut self, documents: &[Document]) -> Result<(), Error> {
        let reply: Reply = self
            .server
            .post(&["api", "v1", "documents"], &Request { documents })
            .await?;
        self.outcome.take(documents, reply);
        Ok(())
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Problem { status, .. } if REFUSED.contains(status))
}

/// Draws on stderr, and only when that is a terminal.
fn progress_bar(documents: usize) -> ProgressBar {
    let bar = ProgressBar::new(documents as u64);
    match ProgressStyle::with_template("{bar:40} {pos}/{len} documents, {elapsed}, about {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(error) => {
            tracing::warn!(%error, "the progress bar is shown without its style");
            bar
        }
    }
}
