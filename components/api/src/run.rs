//! Running an agent: its events as they come, or folded into one answer.

use std::collections::VecDeque;

use bytes::Bytes;
use futures::stream;
use gyre_agent_wire::{Answer, Cut, Event, FoldError, Folder, Parser, Problem, sse};
use gyre_chain::CallContext;
use gyre_chain::read_bounded;
use gyre_chain::send::Call;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use spin_sdk::http::{BoxBody, Response, box_body};
use spin_sdk::wasip3::http_compat::IncomingResponseBody;

use crate::failure;

/// Longest problem that is read.
const PROBLEM_BYTES_MAX: usize = 64 * 1024;

/// Starts a run.
pub(crate) async fn start(
    service: &str,
    run_json: Vec<u8>,
    context: &CallContext,
) -> Result<Events, Problem> {
    let response = Call::post(service, "/run", run_json)
        .send(context)
        .await
        .map_err(|error| {
            Problem::new(
                502,
                "agent-unavailable",
                error.to_string(),
                "see the log of `gyre up`, and run `gyre doctor`",
            )
        })?;
    let status = response.status();
    if status.is_success() {
        return Ok(Events {
            body: response.into_body(),
            parser: Parser::new(),
            ready: VecDeque::new(),
        });
    }
    let body = read_bounded(response.into_body(), PROBLEM_BYTES_MAX)
        .await
        .unwrap_or_default();
    // The agent's own problem says more than its status.
    Err(serde_json::from_slice(&body).unwrap_or_else(|_| {
        let detail = format!("{service} answered with status {}", status.as_u16());
        Problem::new(
            502,
            "agent-unavailable",
            detail,
            "see the log of `gyre up` for this request id",
        )
    }))
}

/// The events of a run, as they come.
pub(crate) struct Events {
    body: IncomingResponseBody,
    parser: Parser,
    ready: VecDeque<Event>,
}

impl Events {
    /// The next event; none after the one that ends the run.
    async fn next(&mut self) -> Result<Option<Event>, Cut> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            if self.parser.has_ended() {
                return Ok(None);
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.ready.extend(self.parser.feed(&data)?);
                    }
                }
                // A body that fails was cut, like one that ends too early.
                Some(Err(_)) | None => return self.parser.finish().map(|()| None),
            }
        }
    }

    /// One answer.
    pub(crate) async fn fold(mut self) -> Result<Answer, Problem> {
        let mut folder = Folder::new();
        loop {
            match self.next().await {
                Ok(Some(event)) => folder.push(event).map_err(failure::problem)?,
                Ok(None) => return folder.finish().map_err(failure::problem),
                Err(_) => return Err(failure::problem(FoldError::Cut)),
            }
        }
    }

    /// A stream that always ends with `done` or `error`, whatever becomes of the run. Dropping it ends the run.
    pub(crate) fn into_response(self) -> Response<BoxBody> {
        let frames = stream::unfold(Some((self, 0_u64)), |state| async move {
            let (mut events, id) = state?;
            let event = match events.next().await {
                Ok(event) => event?,
                Err(cut) => Event::error("cut", cut.to_string(), failure::CUT_HINT),
            };
            let frame = Frame::data(Bytes::from(sse::render(id, &event)));
            let next = (!event.is_end()).then_some((events, id + 1));
            Some((Ok::<_, std::convert::Infallible>(frame), next))
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
