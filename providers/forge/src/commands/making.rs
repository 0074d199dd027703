//! What phases are given by the command line.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use gyre_forge::phases::{Making, Recipe, Work};
use gyre_forge::train::{Bar, Watch};

use crate::cli::WorkerArgs;

/// On stderr: stdout is for what was asked for.
pub(super) fn tell(text: &str) {
    eprintln!("gyre-forge: {text}");
}

fn watch() -> Box<dyn Watch> {
    Box::new(Bar::new())
}

pub(super) fn making<'a>(
    recipe: &'a Recipe,
    work: &'a Path,
    worker: (Option<&'a Path>, &'a Path),
    stop: &'a AtomicBool,
) -> Making<'a> {
    Making {
        recipe,
        work: Work {
            folder: work,
            tell: &tell,
        },
        worker: worker.0,
        held_out: worker.1,
        stop,
        watch: &watch,
    }
}

/// The worker's program and the folder of held-out examples.
pub(super) fn of(args: &WorkerArgs) -> (Option<&Path>, &Path) {
    (args.worker.as_deref(), &args.held_out)
}
