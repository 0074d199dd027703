//! A completion as a body of server-sent events.
//!
//! The body is pulled: the next delta is read only after the bytes of the last have been taken by the host,
//! so a slow client holds the leaf back, and a client that is gone drops the body and with it the delta
//! stream, which cancels the completion.

use crate::bindings::gyre::inference::types::{Completion, Delta, Error, Outcome};
use crate::translate;
use bytes::Bytes;
use futures::stream;
use gyre_chat_wire::ChunkWriter;
use http_body_util::StreamBody;
use spin_sdk::http::{BoxBody, box_body};
use std::convert::Infallible;
use wit_bindgen::{FutureReader, StreamReader};

type Deltas = StreamReader<Delta>;
type Ending = FutureReader<Result<Outcome, Error>>;

/// What is to be written next.
enum Next {
    Role(Deltas, Ending),
    Deltas(Deltas, Ending),
    Nothing,
}

/// The events of a completion, written by `writer`.
pub(crate) fn events(completion: Completion, writer: ChunkWriter) -> BoxBody {
    let first = Next::Role(completion.deltas, completion.outcome);
    let frames = stream::unfold((first, writer), |(next, writer)| async move {
        let (text, next) = step(next, &writer).await?;
        let frame = http_body::Frame::data(Bytes::from(text));
        Some((Ok::<_, Infallible>(frame), (next, writer)))
    });
    box_body(StreamBody::new(frames))
}

async fn step(next: Next, writer: &ChunkWriter) -> Option<(String, Next)> {
    match next {
        Next::Role(deltas, ending) => Some((writer.role(), Next::Deltas(deltas, ending))),
        Next::Deltas(mut deltas, ending) => match deltas.next().await {
            Some(Delta::Text(text)) => Some((writer.text(&text), Next::Deltas(deltas, ending))),
            Some(Delta::ToolCall(part)) => {
                let text = writer.tool_call(&translate::tool_call_part(part));
                Some((text, Next::Deltas(deltas, ending)))
            }
            Some(Delta::Logprobs(more)) => {
                let text = writer.logprobs(&translate::logprobs(more));
                Some((text, Next::Deltas(deltas, ending)))
            }
            None => Some((end(ending.await, writer), Next::Nothing)),
        },
        Next::Nothing => None,
    }
}

/// The last events. A failure ends without `[DONE]`.
fn end(outcome: Result<Outcome, Error>, writer: &ChunkWriter) -> String {
    match outcome {
        Ok(outcome) => writer.end(
            translate::finish_reason(outcome.finish_reason),
            translate::usage(outcome.usage),
        ),
        Err(error) => translate::error(error).to_event(),
    }
}
