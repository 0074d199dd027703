//! What a model says to an example.

use gyre_engine_ipc::{ChatStream, Delta, EngineError, FinishReason};
use serde::{Deserialize, Serialize};

use crate::data::score;

/// An answer, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Its text and its calls.
    #[serde(flatten)]
    pub said: score::Answer,
    /// Tokens that were read.
    pub prompt_tokens: u32,
    /// Tokens that were written.
    pub completion_tokens: u32,
    /// Why it ended.
    pub finish: Option<FinishReason>,
}

impl Answer {
    /// Reads an answer to its end.
    pub(super) async fn read(stream: &mut ChatStream) -> Result<Self, EngineError> {
        let mut said = score::Answer::default();
        while let Some(delta) = stream.next_delta().await? {
            match delta {
                Delta::Text(more) => said.text.push_str(&more),
                // The worker gives calls whose arguments are objects, and nothing else.
                Delta::ToolCall(call) => said.calls.push(score::Called {
                    name: call.name,
                    arguments: serde_json::from_str(&call.arguments).unwrap_or_default(),
                }),
                Delta::Logprobs(_) => {}
            }
        }
        let finish = stream.finish();
        Ok(Self {
            said,
            prompt_tokens: finish.map_or(0, |finish| finish.usage.prompt_tokens),
            completion_tokens: finish.map_or(0, |finish| finish.usage.completion_tokens),
            finish: finish.map(|finish| finish.reason),
        })
    }
}
