//! Answers of `/api/chat` and `/api/generate`.

use crate::asked::Shape;
use crate::failure::out_of_place;
use crate::timestamp;
use crate::{calls, logprobs};
use gyre_chat_wire::{ApiError, Completion, FinishReason, Usage};
use serde_json::{Value, json};

/// How long an answer took, in nanoseconds. What is not known is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// From the request to the end of the answer.
    pub total_ns: u64,
    /// Making the model ready.
    pub load_ns: u64,
    /// Reading the prompt.
    pub prompt_ns: u64,
    /// Writing the answer.
    pub answer_ns: u64,
}

/// A whole answer. `now_ms`: milliseconds since the Unix epoch.
pub fn render(
    shape: Shape,
    completion: &Completion,
    now_ms: u64,
    timings: &Timings,
) -> Result<Value, ApiError> {
    let choice = &completion.choice;
    let mut answer = piece(shape, &completion.model, now_ms, &choice.content);
    if !choice.tool_calls.is_empty() {
        set_calls(shape, &mut answer, calls::json(&choice.tool_calls)?)?;
    }
    if !choice.logprobs.is_empty() {
        answer["logprobs"] = logprobs::json(&choice.logprobs);
    }
    end(&mut answer, choice.finish_reason, completion.usage, timings);
    Ok(answer)
}

/// The answer to who says nothing: the model is there.
#[must_use]
pub fn render_loaded(shape: Shape, model: &str, now_ms: u64) -> Value {
    let mut answer = piece(shape, model, now_ms, "");
    answer["done"] = json!(true);
    answer["done_reason"] = json!("load");
    answer
}

/// A part of an answer, or the whole before its end is told.
pub(crate) fn piece(shape: Shape, model: &str, now_ms: u64, text: &str) -> Value {
    let mut piece = json!({
        "model": model,
        "created_at": timestamp::rfc3339(now_ms),
        "done": false,
    });
    match shape {
        Shape::Chat => piece["message"] = json!({ "role": "assistant", "content": text }),
        Shape::Generate => piece["response"] = json!(text),
    }
    piece
}

/// Puts calls into a piece.
pub(crate) fn set_calls(shape: Shape, piece: &mut Value, calls: Value) -> Result<(), ApiError> {
    match shape {
        Shape::Chat => {
            piece["message"]["tool_calls"] = calls;
            Ok(())
        }
        Shape::Generate => Err(out_of_place("calls tools, and none were offered")),
    }
}

/// Puts the end into the last piece.
pub(crate) fn end(piece: &mut Value, reason: FinishReason, usage: Usage, timings: &Timings) {
    piece["done"] = json!(true);
    piece["done_reason"] = json!(match reason {
        // This API knows no other word for a turn that ended as it should.
        FinishReason::Stop | FinishReason::ToolCalls => "stop",
        FinishReason::Length | FinishReason::CostExhausted | FinishReason::TimeExhausted => "length",
        FinishReason::ContentFilter => "content_filter",
    });
    if let Some(budget) = reason.budget_exhausted() {
        piece["budget_exhausted"] = json!(budget);
    }
    piece["total_duration"] = json!(timings.total_ns);
    piece["load_duration"] = json!(timings.load_ns);
    piece["prompt_eval_count"] = json!(usage.prompt_tokens);
    piece["prompt_eval_duration"] = json!(timings.prompt_ns);
    piece["eval_count"] = json!(usage.completion_tokens);
    piece["eval_duration"] = json!(timings.answer_ns);
}
