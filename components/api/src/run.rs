//! Running an agent: its events pass on as they come, or folded into one answer, and into the run's journal.

use std::pin::pin;

use bytes::Bytes;
use futures::future::{Either, select};
use futures::stream;
use gyre_agent_wire::{Answer, Event, Folder, Problem, sse};
use gyre_chain::CallContext;
use http_body::Frame;
use http_body_util::StreamBody;
use spin_sdk::http::{BoxBody, Response, box_body};

use crate::agents::Target;
use crate::chat::ChatRequest;
use crate::events::Events;
use crate::failure;
use crate::journal::Journal;

/// A run. Dropping it ends the agent; the journal then has no end, and says so once the deadline has passed.
pub(crate) struct Run {
    /// None once the run is over.
    events: Option<Events>,
    journal: Journal,
}

impl Run {
    /// Begins the journal, then the run. A run that the agent refuses is in the journal too.
    pub(crate) async fn start(
        id: &str,
        target: &Target,
        request: &ChatRequest,
        context: &CallContext,
    ) -> Result<Self, Problem> {
        let mut journal = Journal::begin(id, request, context).await?;
        let json = request.run_json(target.persona.as_deref());
        match Events::start(&target.service, json, context).await {
            Ok(events) => Ok(Self {
                events: Some(events),
                journal,
            }),
            Err(problem) => {
                let event = error(&problem);
                end(&mut journal, event).await;
                Err(problem)
            }
        }
    }

    /// The next event; none after the one that ends the run, which is always there.
    async fn next(&mut self) -> Option<Event> {
        let events = self.events.as_mut()?;
        let event = match pass(events, &mut self.journal).await {
            Ok(event) => event,
            Err(problem) => error(&problem),
        };
        if !event.is_end() {
            return Some(event);
        }
        self.events = None;
        Some(end(&mut self.journal, event).await)
    }

    /// One answer.
    pub(crate) async fn fold(mut self) -> Result<Answer, Problem> {
        let mut folder = Folder::new();
        while let Some(event) = self.next().await {
            if let Err(failed) = folder.push(event) {
                let problem = failure::problem(failed);
                let event = error(&problem);
                self.events = None;
                end(&mut self.journal, event).await;
                return Err(problem);
            }
        }
        folder.finish().map_err(failure::problem)
    }

    /// A stream that always ends with `done` or `error`, whatever becomes of the run. Dropping it ends the run.
    pub(crate) fn into_response(self) -> Response<BoxBody> {
        let frames = stream::unfold((self, 0_u64), |(mut run, id)| async move {
            let event = run.next().await?;
            let frame = Frame::data(Bytes::from(sse::render(id, &event)));
            Some((Ok::<_, std::convert::Infallible>(frame), (run, id + 1)))
        });
        let mut response = Response::new(box_body(StreamBody::new(frames)));
        let headers = response.headers_mut();
        headers.insert(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static(sse::MEDIA_TYPE),
        );
        headers.insert(
            http::header::CACHE_CONTROL,
            http::HeaderValue::from_static("no-cache"),
        );
        response
    }
}

/// The agent's next event. While it is waited for, the journal is written; neither holds up the other.
async fn pass(events: &mut Events, journal: &mut Journal) -> Result<Event, Problem> {
    let next = match select(pin!(journal.keep_up()), pin!(events.next())).await {
        Either::Left((problem, _)) => return Err(problem),
        Either::Right((next, _)) => next,
    };
    let event = next.unwrap_or_else(|cut| Event::error("cut", cut.to_string(), failure::CUT_HINT));
    if !event.is_end() {
        journal.note(&event).await?;
    }
    Ok(event)
}

/// Writes the end of a run before anyone reads it. A run whose end cannot be written has not ended well.
async fn end(journal: &mut Journal, event: Event) -> Event {
    let written = match journal.note(&event).await {
        Ok(()) => journal.settle().await,
        failed => failed,
    };
    match (written, event) {
        (Err(problem), Event::Done { .. }) => error(&problem),
        // A failure is told as it was, written or not.
        (_, event) => event,
    }
}

fn error(problem: &Problem) -> Event {
    Event::error(problem.kind(), problem.detail.as_str(), problem.hint.as_str())
}
