//! One streamed completion: from the first byte of the answer to its end.

use crate::bindings::exports::gyre::inference::types::{ChatRequest, Delta, Error, Outcome};
use crate::config::Config;
use crate::progress::{Piece, Progress};
use crate::upstream::{self, Body, Patience};
use crate::{refusal, translate};
use futures::future::{Either, select};
use gyre_chat_wire::{ChunkReader, Endpoint, StreamError};
use gyre_clock::{sleep, within};
use std::collections::VecDeque;
use std::pin::pin;
use wit_bindgen::{StreamResult, StreamWriter};

const EVENT_STREAM: &str = "text/event-stream";
/// How soon a reader that is gone is noticed while the server is silent.
const WATCH_MS: u64 = 200;
/// More than any answer is waited for: who has no deadline has the host's.
const WRITE_MS_MAX: u64 = 3_600_000;

/// A completion whose model is known.
pub(crate) struct Following {
    body: Body,
    reader: ChunkReader,
    progress: Progress,
    pending: VecDeque<Piece>,
    patience: Patience,
    secret: String,
}

impl Following {
    /// Sends the request and reads until the server has named its model. What it refuses, it refuses here.
    pub(crate) async fn start(
        config: &Config,
        request: ChatRequest,
        patience: Patience,
    ) -> Result<Self, Error> {
        config.dialect.check(&request)?;
        let progress = Progress::new(request.sampling.logprobs.is_some());
        let body = translate::body(request, config.dialect);
        let Patience {
            first_byte_ms,
            deadline,
            ..
        } = patience;
        let begun = async {
            let body = upstream::ask(config, Endpoint::Chat, body, EVENT_STREAM, patience).await?;
            let mut following = Self {
                body,
                reader: ChunkReader::new(),
                progress,
                pending: VecDeque::new(),
                patience,
                secret: config.secret().to_owned(),
            };
            following.named().await?;
            Ok(following)
        };
        let stalled = || refusal::stalled("beginning of an answer", first_byte_ms, "upstream_timeout_ms");
        let begun = within(deadline.at_most(first_byte_ms)?, begun).await;
        begun.ok_or_else(|| deadline.or(stalled()))?
    }

    /// The model that answers, by its server's word.
    pub(crate) fn model(&self) -> String {
        self.progress.model().unwrap_or_default().to_owned()
    }

    async fn named(&mut self) -> Result<(), Error> {
        while self.progress.model().is_none() {
            let bytes = self.body.next().await?;
            self.feed(bytes.as_deref())?;
            if self.reader.is_done() {
                // Without a model that is a lie, and told as one.
                return self.progress.outcome().map(drop).map_err(refusal::lie);
            }
        }
        let named = self.progress.model().unwrap_or_default();
        if !self.secret.is_empty() && named.contains(&self.secret) {
            return Err(refusal::lie("the model has the name of the key"));
        }
        Ok(())
    }

    /// Writes deltas until the answer ends or the reader is gone. Dropping `self` closes the connection.
    pub(crate) async fn run(mut self, deltas: &mut StreamWriter<Delta>) -> Result<Outcome, Error> {
        loop {
            while let Some(piece) = self.pending.pop_front() {
                self.hand_on(piece, deltas).await?;
            }
            if self.reader.is_done() {
                let (reason, usage) = self.progress.outcome().map_err(refusal::lie)?;
                return Ok(translate::outcome(reason, usage));
            }
            let next = match select(pin!(self.body.next()), pin!(abandoned(deltas))).await {
                Either::Left((next, _)) => next?,
                Either::Right(_) => return Err(Error::Cancelled),
            };
            self.feed(next.as_deref())?;
        }
    }

    async fn hand_on(&self, piece: Piece, deltas: &mut StreamWriter<Delta>) -> Result<(), Error> {
        let deadline = self.patience.deadline;
        let written = within(
            deadline.at_most(WRITE_MS_MAX)?,
            deltas.write_one(translate::delta(piece)),
        );
        match written.await {
            Some(None) => Ok(()),
            Some(Some(_)) => Err(Error::Cancelled),
            None => Err(deadline.or(Error::Cancelled)),
        }
    }

    /// Takes the next bytes of the body; nothing is its end.
    fn feed(&mut self, bytes: Option<&[u8]>) -> Result<(), Error> {
        let Some(bytes) = bytes else {
            return Err(refusal::lie("the stream ended without [DONE]"));
        };
        for event in self.reader.push(bytes).map_err(|error| self.broken(&error))? {
            self.pending
                .extend(self.progress.take(event).map_err(refusal::lie)?);
        }
        Ok(())
    }

    fn broken(&self, error: &StreamError) -> Error {
        match error {
            StreamError::Failed(error) => refusal::from_error(error, &self.secret),
            // Its text may quote what the server sent.
            StreamError::Unreadable(_) => refusal::lie("an event of the stream is no chunk of a completion"),
            StreamError::Cut | StreamError::TooLong(_) => refusal::lie(error),
        }
    }
}

/// Resolves when the reader of the deltas is gone, and not before.
async fn abandoned(deltas: &mut StreamWriter<Delta>) {
    loop {
        sleep(WATCH_MS).await;
        // A write of nothing completes when a read is waiting, or the reader is gone.
        if deltas.write(Vec::new()).await.0 == StreamResult::Dropped {
            return;
        }
    }
}
