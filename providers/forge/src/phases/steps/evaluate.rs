//! What a GGUF file is worth, by held-out examples.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Making, OUTCOMES, SUMMARY, examples};
use crate::data::Example;
use crate::evaluate::{self, EvaluateError, Measured, Outcome, Speed, Summary, Worker};
use crate::export::Format;
use crate::phases::phase::Output;
use crate::phases::recipe::EvaluationPart;
use crate::phases::{Done, Phase, PhaseError};

const REVISION: u32 = 1;
/// How soon a stop is seen.
const STOP_LOOKED_AT: Duration = Duration::from_millis(100);

pub(in crate::phases) fn evaluate(
    making: &Making<'_>,
    (size, format): (&str, Format),
    exported: &Done,
) -> Result<Done, PhaseError> {
    let part = &making.recipe.evaluation;
    let (examples, examples_hash) = examples(making, part.split, part.task_examples_max)?;
    let program = evaluate::program(making.worker)?;
    let phase = Phase {
        name: "evaluate",
        label: &format!("{size}-{}", format.name()),
        revision: REVISION,
        parameters: json!({ "evaluation": part, "examples": examples_hash }),
        inputs: &[exported],
        resumes: false,
    };
    phase.ensure(&making.work, |folder| {
        let name = exported
            .files
            .first()
            .map(|made| made.name.as_str())
            .unwrap_or_default();
        let file = exported.file(name);
        let measured = Measured {
            model: name.trim_end_matches(".gguf").to_owned(),
            size: size.to_owned(),
            format: format.name().to_owned(),
            file_bytes: exported.files.first().map_or(0, |made| made.bytes),
            file_hash: exported.hash(name).to_owned(),
            examples: part.split.name().to_owned(),
            examples_hash: examples_hash.clone(),
        };
        let subject = Subject {
            program: &program,
            file: &file,
            stop: making.stop,
        };
        let summary = measure(&subject, measured, &examples, part, folder)?;
        Ok(Output {
            files: vec![OUTCOMES.to_owned(), SUMMARY.to_owned()],
            told: json!({ "right": summary.all.right, "of": summary.all.of }),
        })
    })
}

/// What is measured.
pub struct Subject<'a> {
    /// The worker's program.
    pub program: &'a Path,
    /// The model's file.
    pub file: &'a Path,
    /// Set when the measuring is to stop.
    pub stop: &'a AtomicBool,
}

/// Asks a model all examples; writes every outcome and the summary into a folder.
pub fn measure(
    subject: &Subject<'_>,
    measured: Measured,
    examples: &[Example],
    part: &EvaluationPart,
    folder: &Path,
) -> Result<Summary, PhaseError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(PhaseError::io(subject.program))?;
    let (outcomes, seconds, speed) = runtime.block_on(async {
        let worker = Worker::start(subject.program, subject.file, part.worker).await?;
        let asked = tokio::select! {
            asked = ask(&worker, examples, part) => asked.map_err(PhaseError::from),
            () = stopped(subject.stop) => Err(PhaseError::Interrupted),
        };
        worker.end().await;
        asked
    })?;
    let summary = Summary::of(measured, &outcomes, seconds, speed);
    written(folder, &outcomes, &summary)?;
    Ok(summary)
}

/// All examples together, how long they took, and some of them alone.
async fn ask(
    worker: &Worker,
    examples: &[Example],
    part: &EvaluationPart,
) -> Result<(Vec<Outcome>, f64, Speed), EvaluateError> {
    let begun = Instant::now();
    let outcomes = evaluate::evaluate(worker, examples, part.asking).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let alone = &examples[..part.speed_examples.min(examples.len())];
    let speed = evaluate::speed(worker, alone, part.asking.answer_tokens_max).await?;
    Ok((outcomes, seconds, speed))
}

async fn stopped(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(STOP_LOOKED_AT).await;
    }
}

fn written(folder: &Path, outcomes: &[Outcome], summary: &Summary) -> Result<(), PhaseError> {
    let path = folder.join(OUTCOMES);
    let mut lines = Vec::new();
    for outcome in outcomes {
        serde_json::to_writer(&mut lines, outcome)?;
        lines.write_all(b"\n").map_err(PhaseError::io(&path))?;
    }
    std::fs::write(&path, lines).map_err(PhaseError::io(&path))?;
    let path = folder.join(SUMMARY);
    std::fs::write(&path, serde_json::to_vec_pretty(summary)?).map_err(PhaseError::io(&path))
}
