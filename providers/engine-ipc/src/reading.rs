//! Reads what a worker says, until it says no more.

use tokio::process::ChildStdout;

use crate::connection::{Connection, OWN_CALL};
use crate::frame;
use crate::health;
use crate::pulse::Heard;
use crate::wire::{Reply, Response};

/// Hands replies to their calls until the pipe ends; says why it did, unless the worker itself ended it.
pub(crate) async fn replies(
    connection: &Connection,
    mut stdout: ChildStdout,
    heard: &Heard,
) -> Option<&'static str> {
    loop {
        match frame::read_async::<Reply, _>(&mut stdout).await {
            Ok(Some(Reply { id, response })) => {
                heard.frame();
                match response {
                    Response::Stats(stats) if id == OWN_CALL => health::log(&stats),
                    Response::Pulses(pulses) if id == OWN_CALL => heard.pulses(pulses),
                    response => connection.deliver(id, response),
                }
            }
            Ok(None) => return None,
            // A frame that is cut is how the pipe of a worker ends that died while it wrote.
            Err(frame::FrameError::Io(_)) => return None,
            Err(error) => {
                tracing::error!(%error, "the inference worker's replies cannot be read");
                return Some("its replies could not be read: it is not of the host's release, or broken");
            }
        }
    }
}
