//! The object `response`: whole answers, and what events carry of one.

use crate::echo::Echo;
use crate::items::{self, Progress};
use gyre_chat_wire::{Completion, FinishReason, Usage};
use serde_json::{Map, Value, json};

/// What identifies an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Unique; stands behind `resp_`, `msg_` and `fc_`.
    pub suffix: String,
    /// Seconds since the Unix epoch.
    pub created_s: u64,
    /// The model that answers.
    pub model: String,
}

impl Head {
    /// The id of an item of the answer.
    pub(crate) fn item_id(&self, kind: &str, output_index: usize) -> String {
        format!("{kind}_{}_{output_index}", self.suffix)
    }
}

/// How far an answer has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    Going,
    Ended {
        reason: FinishReason,
        usage: Usage,
        completed_s: u64,
    },
    Failed(Value),
}

/// A whole answer. `completed_s`: now, in seconds since the Unix epoch.
#[must_use]
pub fn render(head: &Head, echo: &Echo, completion: &Completion, completed_s: u64) -> Value {
    let choice = &completion.choice;
    let head = Head {
        model: completion.model.clone(),
        ..head.clone()
    };
    let calls_max = if echo.parallel_tool_calls() { usize::MAX } else { 1 };
    let calls: Vec<_> = choice.tool_calls.iter().take(calls_max).collect();
    let mut output = Vec::new();
    let cut = progress(choice.finish_reason);
    if !choice.content.is_empty() || calls.is_empty() {
        let part = items::text_part(&choice.content, &choice.logprobs);
        let state = if calls.is_empty() { cut } else { Progress::Complete };
        output.push(items::message(&head.item_id("msg", 0), &[part], state));
    }
    let last = calls.len();
    for (index, call) in calls.into_iter().enumerate() {
        let state = if index + 1 == last {
            cut
        } else {
            Progress::Complete
        };
        output.push(items::call(&head.item_id("fc", output.len()), call, state));
    }
    let state = State::Ended {
        reason: choice.finish_reason,
        usage: completion.usage,
        completed_s,
    };
    body(&head, echo, output, &state)
}

/// What the end of an answer makes of its last item.
pub(crate) fn progress(reason: FinishReason) -> Progress {
    if incomplete(reason).is_some() {
        Progress::Cut
    } else {
        Progress::Complete
    }
}

/// Why an answer is not complete.
pub(crate) fn incomplete(reason: FinishReason) -> Option<&'static str> {
    match reason {
        FinishReason::Stop | FinishReason::ToolCalls => None,
        FinishReason::Length | FinishReason::CostExhausted | FinishReason::TimeExhausted => {
            Some("max_output_tokens")
        }
        FinishReason::ContentFilter => Some("content_filter"),
    }
}

/// The object, at any time of its life.
pub(crate) fn body(head: &Head, echo: &Echo, output: Vec<Value>, state: &State) -> Value {
    let mut response = Map::new();
    echo.write(&mut response);
    let members = [
        ("id", json!(format!("resp_{}", head.suffix))),
        ("object", json!("response")),
        ("created_at", json!(head.created_s)),
        ("model", json!(head.model)),
        ("output", Value::Array(output)),
        ("completed_at", Value::Null),
        ("error", Value::Null),
        ("incomplete_details", Value::Null),
        ("usage", Value::Null),
    ];
    response.extend(members.map(|(name, value)| (name.to_owned(), value)));
    let mut response = Value::Object(response);
    match state {
        State::Going => response["status"] = json!("in_progress"),
        State::Failed(error) => {
            response["status"] = json!("failed");
            response["error"] = error.clone();
        }
        State::Ended {
            reason,
            usage,
            completed_s,
        } => {
            response["usage"] = usage_json(*usage);
            match incomplete(*reason) {
                Some(why) => {
                    response["status"] = json!("incomplete");
                    response["incomplete_details"] = json!({ "reason": why });
                    if let Some(budget) = reason.budget_exhausted() {
                        response["incomplete_details"]["budget_exhausted"] = json!(budget);
                    }
                }
                None => {
                    response["status"] = json!("completed");
                    response["completed_at"] = json!(completed_s);
                }
            }
        }
    }
    response
}

/// Clients need all members; what is not known is 0: nothing is told of what was written to a cache, and reasoning is
/// not told apart from text.
fn usage_json(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_prompt_tokens.unwrap_or_default(),
            "cache_write_tokens": 0,
        },
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": u64::from(usage.prompt_tokens) + u64::from(usage.completion_tokens),
    })
}
