//! The thread that owns a graph: it loads it, then serves its queue.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use gyre_engine_ipc::wire::Response;
use gyre_engine_ipc::{EngineError, NamedTensor};
use gyre_onnx::{Header, encoder};
use ort::session::Session;

use super::catalog::Entry;
use super::embed::{self, Embedder, Running};
use super::library::Library;
use super::text::Texts;
use super::watch::Watch;
use super::{graph, session};
use crate::args::Args;
use crate::call::Ticket;
use crate::counters::Counters;
use crate::inbox::{Inbox, Queued};
use crate::presence::Presence;
use crate::setup::Job;
use crate::thread;
use crate::vitals::Vitals;

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

/// What the thread of a graph shares with those who watch it.
pub(crate) struct Watched {
    pub(crate) counters: Arc<Counters>,
    pub(crate) presence: Arc<Presence>,
    /// Those whose memory must be free before the graph is loaded.
    pub(crate) after: Vec<Arc<Presence>>,
}

/// What an owner thread is started with.
pub(super) struct Setup {
    pub(super) args: Args,
    pub(super) library: Arc<Library>,
    pub(super) vitals: Vitals,
    pub(super) entry: Entry,
    pub(super) watched: Watched,
}

struct Owned {
    session: Session,
    /// There where a tokenizer lies beside the graph.
    embedder: Option<Embedder>,
}

pub(super) fn start(setup: Setup, inbox: Arc<Inbox<OnnxJob>>) -> io::Result<()> {
    let presence = Arc::clone(&setup.watched.presence);
    let counters = Arc::clone(&setup.watched.counters);
    let name = setup.entry.info.name.clone();
    thread::start(name, inbox, presence, counters, move |inbox| {
        for other in &setup.watched.after {
            other.wait();
        }
        let Watched { counters, .. } = &setup.watched;
        let _watched = setup.vitals.watch(&setup.entry.info.name, counters, inbox.bell());
        let mut owned = load(&setup)?;
        serve(&setup, &mut owned, inbox);
        Ok(())
    })
}

fn load(setup: &Setup) -> Result<Owned, EngineError> {
    let Setup {
        args, library, entry, ..
    } = setup;
    let bytes = std::fs::metadata(&entry.path).map_or(0, |file| file.len());
    setup.watched.counters.loading(bytes);
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
    let name = header.and_then(|header| encoder::output_of(&header).map(str::to_owned));
    name.map_err(|reason| EngineError::ModelInvalid {
        file: crate::catalog::file_name(&entry.path),
        reason,
    })
}

fn serve(setup: &Setup, owned: &mut Owned, inbox: &Inbox<OnnxJob>) {
    let counters = &setup.watched.counters;
    let watch = Watch {
        bell: inbox.bell(),
        counters,
        at_most: Duration::from_millis(setup.args.graph_time_ms_max),
    };
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
                    counters.live(running.len() + 1);
                    counters.step(0, 1);
                    let outcome = graph::run(&mut owned.session, inputs, &job.ticket, &watch);
                    // Who reads the answer also reads that the model is idle.
                    counters.live(running.len());
                    answer(job.ticket, outcome);
                    // Texts that wait have their turn between two runs.
                    break;
                }
            }
        }
        counters.live(running.len());
        if let (false, Some(embedder)) = (running.is_empty(), &owned.embedder) {
            embedder.step(&mut owned.session, &watch, &mut running);
            embed::finish(&setup.entry.info.name, counters, &mut running);
        } else if idle && inbox.is_closed() {
            return;
        } else if idle {
            inbox.bell().wait(IDLE_WAIT);
        }
    }
}

fn answer(ticket: Ticket, outcome: Result<Vec<NamedTensor>, EngineError>) {
    match outcome {
        Ok(outputs) => ticket.answer(Response::Tensors(outputs)),
        Err(error) => ticket.fail(error),
    }
}
