//! Asking the model: a streamed completion of `router`.

use gyre_agent_loop::{Failure, Input};
use gyre_chain::send::Call;
use gyre_chain::{CallContext, read_bounded};
use gyre_chat_wire::{ChatRequest, ChunkReader, parse_error};
use http_body_util::BodyExt as _;
use spin_sdk::wasip3::http_compat::IncomingResponseBody;

use crate::failure::{broken, no_model, refused};

/// Longest refusal that is read.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// A completion under way. Dropping it ends it.
pub(crate) struct Completion {
    body: IncomingResponseBody,
    reader: ChunkReader,
}

impl Completion {
    pub(crate) async fn start(request: &ChatRequest, context: &CallContext) -> Result<Self, Failure> {
        let response = Call::post("router", "/v1/chat/completions", request.to_json())
            .send(context)
            .await
            .map_err(|error| no_model(error.to_string()))?;
        let status = response.status();
        if status.is_success() {
            return Ok(Self {
                body: response.into_body(),
                reader: ChunkReader::new(),
            });
        }
        let body = read_bounded(response.into_body(), REFUSAL_BYTES_MAX)
            .await
            .unwrap_or_default();
        Err(refused(&parse_error(status.as_u16(), &body)))
    }

    /// What happened next. The last input is `ModelEnded` or `ModelFailed`.
    pub(crate) async fn next(&mut self) -> Vec<Input> {
        let data = match self.body.frame().await {
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            // A body that fails was cut, like one that ends too early.
            Some(Err(_)) | None => {
                let reader = std::mem::take(&mut self.reader);
                return vec![
                    reader
                        .finish()
                        .map_or_else(|e| Input::ModelFailed(broken(&e)), |()| Input::ModelEnded),
                ];
            }
        };
        match self.reader.push(&data) {
            Ok(events) => {
                let ended = self.reader.is_done().then_some(Input::ModelEnded);
                events.into_iter().map(Input::Model).chain(ended).collect()
            }
            Err(error) => vec![Input::ModelFailed(broken(&error))],
        }
    }
}
