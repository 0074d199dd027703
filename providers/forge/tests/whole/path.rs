//! The whole path on a very small recipe: from nothing to a measured model.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use gyre_forge::evaluate::Summary;
use gyre_forge::phases::{Choice, Done, Making, PhaseError, Recipe, State, Work, run, status};
use gyre_forge::train::{Line, Watch};

const RECIPE: &str = include_str!("tiny.toml");
const HELD_OUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/held-out");

/// Asks for a stop after the first step of a training, as Ctrl-C does.
struct Stops(Arc<AtomicBool>);

impl Watch for Stops {
    fn begin(&mut self, _: u64, _: u64) {}

    fn step(&mut self, line: &Line) {
        self.0.fetch_or(line.step == 1, Ordering::Relaxed);
    }

    fn note(&mut self, _: &str) {}

    fn end(&mut self) {}
}

/// Does all phases in a folder; gives what is done and what was told.
fn all(folder: &Path, stop: &Arc<AtomicBool>) -> (Result<Vec<Done>, PhaseError>, Vec<String>) {
    let told = RefCell::new(Vec::new());
    let tell = |text: &str| told.borrow_mut().push(text.to_owned());
    let watch = || -> Box<dyn Watch> { Box::new(Stops(Arc::clone(stop))) };
    let done = Recipe::parse(RECIPE, Path::new("tiny.toml")).and_then(|recipe| {
        let making = Making {
            recipe: &recipe,
            work: Work { folder, tell: &tell },
            worker: None,
            held_out: Path::new(HELD_OUT),
            stop,
            watch: &watch,
        };
        run(&making, &Choice::default())
    });
    (done, told.into_inner())
}

#[test]
fn a_recipe_becomes_a_measured_model_and_is_done_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let stop = Arc::new(AtomicBool::new(false));
    let (stopped, _) = all(folder.path(), &stop);
    assert!(
        matches!(stopped, Err(PhaseError::Stopped { step: 1 })),
        "{stopped:?}"
    );
    let begun = status(folder.path())?;
    let begun: Vec<bool> = begun.iter().map(|one| one.state == State::Begun).collect();
    assert_eq!(
        begun.iter().filter(|begun| **begun).count(),
        1,
        "the training only"
    );

    stop.store(false, Ordering::Relaxed);
    let (done, told) = all(folder.path(), &stop);
    let done = done?;
    let names: Vec<&str> = done.iter().map(|one| one.phase.as_str()).collect();
    assert_eq!(
        names,
        [
            "data",
            "tokenizer",
            "tokens",
            "train",
            "export",
            "export",
            "evaluate",
            "evaluate",
            "report"
        ]
    );
    let skipped = |told: &[String]| told.iter().filter(|told| told.contains("done before")).count();
    assert_eq!(skipped(&told), 3, "{told:?}");
    let summary: Summary = serde_json::from_slice(&std::fs::read(done[6].file("summary.json"))?)?;
    assert_eq!((summary.measured.format.as_str(), summary.refused), ("q8_0", 0));
    assert_eq!(
        summary.all.of,
        summary.tasks.values().map(|task| task["right"].of).sum::<usize>()
    );
    assert!(summary.speed.tokens_per_second() > 0.0, "{summary:?}");
    let lines = std::fs::read_to_string(done[6].file("outcomes.jsonl"))?;
    assert_eq!(lines.lines().count(), summary.all.of);
    let table = std::fs::read_to_string(done[8].file("table.md"))?;
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(std::fs::read_to_string(done[8].file("sizes.svg"))?.contains("<svg"));

    let (again, told) = all(folder.path(), &stop);
    let again = again?;
    assert_eq!((skipped(&told), told.len()), (done.len(), done.len()), "{told:?}");
    for (one, other) in done.iter().zip(&again) {
        assert_eq!((&one.key, &one.files), (&other.key, &other.files));
    }
    Ok(())
}
