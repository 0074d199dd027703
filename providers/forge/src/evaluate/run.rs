//! Asking all examples, many at a time.

use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use gyre_engine_ipc::EngineError;

use super::{Answer, EvaluateError, Outcome, Worker, request};
use crate::data::Example;
use crate::progress;

/// How a model is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Tokens of an answer.
    pub answer_tokens_max: u32,
    /// Examples that are asked at a time.
    pub at_once_max: usize,
}

/// Asks all examples; outcomes come in their order. An example that the model cannot take is one that it got wrong; a worker
/// that fails ends the measuring.
pub async fn evaluate(
    worker: &Worker,
    examples: &[Example],
    evaluation: Evaluation,
) -> Result<Vec<Outcome>, EvaluateError> {
    if examples.is_empty() {
        return Err(EvaluateError::NoExamples);
    }
    let bar = &progress::bar(examples.len() as u64, "evaluate");
    let outcomes = stream::iter(examples)
        .map(|example| async move {
            let answered = ask(worker, example, evaluation.answer_tokens_max).await;
            bar.inc(1);
            match answered {
                Ok(answer) => Ok(Outcome::of(example, answer)),
                Err(refused @ (EngineError::Invalid { .. } | EngineError::ContextTooLong { .. })) => {
                    Ok(Outcome::refused(example, &refused))
                }
                Err(failed) => Err(worker.failed(failed)),
            }
        })
        .buffered(evaluation.at_once_max.max(1))
        .try_collect()
        .await;
    bar.finish_and_clear();
    outcomes
}

async fn ask(worker: &Worker, example: &Example, tokens_max: u32) -> Result<Answer, EngineError> {
    let mut stream = worker.ask(&request(example, tokens_max)).await?;
    Answer::read(&mut stream).await
}
