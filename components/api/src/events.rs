//! The events of an agent, as they come.

use std::collections::VecDeque;

use gyre_agent_wire::{Cut, Event, Parser, Problem};
use gyre_chain::CallContext;
use gyre_chain::read_bounded;
use gyre_chain::send::Call;
use http_body_util::BodyExt as _;
use spin_sdk::wasip3::http_compat::IncomingResponseBody;

use crate::agents::{own_problem, unavailable};

/// Longest problem that is read.
const PROBLEM_BYTES_MAX: usize = 64 * 1024;

/// Dropping it ends the agent's part of the run.
pub(crate) struct Events {
    body: IncomingResponseBody,
    parser: Parser,
    ready: VecDeque<Event>,
}

impl Events {
    /// Starts an agent.
    pub(crate) async fn start(
        service: &str,
        run_json: Vec<u8>,
        context: &CallContext,
    ) -> Result<Self, Problem> {
        let response = Call::post(service, "/run", run_json)
            .send(context)
            .await
            .map_err(|error| unavailable(error.to_string()))?;
        let status = response.status();
        if status.is_success() {
            return Ok(Self {
                body: response.into_body(),
                parser: Parser::new(),
                ready: VecDeque::new(),
            });
        }
        let body = read_bounded(response.into_body(), PROBLEM_BYTES_MAX)
            .await
            .unwrap_or_default();
        Err(own_problem(service, status.as_u16(), &body))
    }

    /// The next event, up to the one that ends the run. Dropping the future loses no event.
    pub(crate) async fn next(&mut self) -> Result<Event, Cut> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(event);
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.ready.extend(self.parser.feed(&data)?);
                    }
                }
                // A body that fails was cut, like one that ends too early.
                Some(Err(_)) | None => return Err(Cut::Ended),
            }
        }
    }
}
