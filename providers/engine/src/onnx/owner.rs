//! The thread that owns a graph: it loads it, then serves its queue.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use gyre_engine_ipc::wire::Response;
use gyre_engine_ipc::{EngineError, NamedTensor};
use gyre_onnx::Header;
use ort::session::Session;

use super::catalog::Entry;
use super::embed::{self, Embedder, Running};
use super::library::Library;
use super::text::Texts;
use super::{port, session, watch};
use crate::args::Args;
use crate::call::Ticket;
use crate::counters::Counters;
use crate::inbox::{Inbox, Queued};
use crate::presence::Presence;
use crate::setup::Job;
use crate::thread;

/// Calls to embed worked on in turn; the others wait in the inbox.
const CALLS_MAX: usize = 16;
const IDLE_WAIT: Duration = Duration::from_secs(3600);

/// A call of an ONNX model.
pub(crate) struct OnnxJob {
    pub(crate) ticket: Ticket,
    pub(crate) work: Work,
}

/// What it asks.
pub(crate) enum Work {
    Embed(Vec<String>),
    Run(Vec<NamedTensor>),
}

impl Job for OnnxJob {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn into_ticket(self) -> Ticket {
        self.ticket
    }
}

impl Queued for OnnxJob {
    type Line = VecDeque<Self>;
}

/// What an owner thread is started with.
pub(super) struct Setup {
    pub(super) args: Args,
    pub(super) library: Arc<Library>,
    pub(super) entry: Entry,
    pub(super) counters: Arc<Counters>,
    pub(super) presence: Arc<Presence>,
}

struct Owned {
    session: Session,
    /// There where a tokenizer lies beside the graph.
    embedder: Option<Embedder>,
}

pub(super) fn start(setup: Setup, inbox: Arc<Inbox<OnnxJob>>) -> io::Result<()> {
    let (presence, counters) = (Arc::clone(&setup.presence), Arc::clone(&setup.counters));
    let name = setup.entry.info.name.clone();
    thread::start(name, inbox, presence, counters, move |inbox| {
        let mut owned = load(&setup)?;
        serve(&setup, &mut owned, inbox);
        Ok(())
    })
}

fn load(setup: &Setup) -> Result<Owned, EngineError> {
    let Setup {
        args, library, entry, ..
    } = setup;
    let threads = usize::try_from(args.threads()).unwrap_or(1);
    let session = session::open(library, entry, threads)?;
    let embedder = match &entry.tokenizer {
        Some(tokenizer) => Some(Embedder {
            texts: Texts::open(tokenizer, args.context_tokens_max)?,
            output: output(entry)?,
        }),
        None => None,
    };
    Ok(Owned { session, embedder })
}

fn output(entry: &Entry) -> Result<String, EngineError> {
    let header = Header::open(&entry.path).map_err(|error| error.to_string());
    let name = header.and_then(|header| port::output_of(&header).map(str::to_owned));
    name.map_err(|reason| EngineError::ModelInvalid {
        file: crate::catalog::file_name(&entry.path),
        reason,
    })
}

fn serve(setup: &Setup, owned: &mut Owned, inbox: &Inbox<OnnxJob>) {
    let mut running: Vec<Running> = Vec::new();
    loop {
        inbox.remove(|job| job.ticket.is_cancelled());
        running.retain(|call| !call.is_cancelled());
        let mut idle = true;
        while running.len() < CALLS_MAX
            && let Some(job) = inbox.pop()
        {
            idle = false;
            match (job.work, &owned.embedder) {
                (Work::Embed(texts), Some(_)) => running.push(Running::new(job.ticket, texts)),
                (Work::Embed(_), None) => {
                    let message = format!(
                        "the model {} makes no embeddings: name one that does",
                        setup.entry.info.name
                    );
                    job.ticket.fail(EngineError::invalid(message));
                }
                (Work::Run(inputs), _) => {
                    run(setup, &mut owned.session, inputs, job.ticket, inbox);
                    // Texts that wait have their turn between two runs.
                    break;
                }
            }
        }
        setup.counters.live(running.len());
        if let (false, Some(embedder)) = (running.is_empty(), &owned.embedder) {
            embedder.step(&mut owned.session, &setup.counters, &mut running);
            embed::finish(&setup.entry.info.name, &mut running);
        } else if idle && inbox.is_closed() {
            return;
        } else if idle {
            inbox.bell().wait(IDLE_WAIT);
        }
    }
}

fn run(
    setup: &Setup,
    session: &mut Session,
    inputs: Vec<NamedTensor>,
    ticket: Ticket,
    inbox: &Inbox<OnnxJob>,
) {
    setup.counters.live(1);
    setup.counters.step(0, 1);
    match watch::run(session, inputs, &ticket, inbox.bell()) {
        Ok(outputs) => ticket.answer(Response::Tensors(outputs)),
        Err(error) => ticket.fail(error),
    }
}
