//! What whoever watches is told, on stderr.

use crate::text::printable;
use crate::{build, report};
use console::style;
use gyre_serve::Change;
use std::time::Duration;

/// A change is running.
pub(super) fn taken(change: &Change, notes: &[&str], took: Duration) {
    let what = style(format!("reloaded {}", named(change))).for_stderr().green();
    eprintln!("gyre: {what} in {} ms", took.as_millis());
    for note in notes {
        eprintln!("gyre: {}", style(note).for_stderr().yellow());
    }
}

/// A change cannot be used: what ran before runs on.
pub(super) fn kept(change: &Change, error: &anyhow::Error, took: Duration) {
    let (why, hint) = report::told(error);
    let what = style(format!("kept the old {}", named(change)))
        .for_stderr()
        .red();
    eprintln!("gyre: {what} after {} ms: {}", took.as_millis(), printable(&why));
    if !hint.is_empty() {
        eprintln!("hint: {}", printable(&hint));
    }
}

/// A build failed: its own output says why.
pub(super) fn not_built(component: &str, error: &build::Error) {
    let what = style(format!("kept the old {component}")).for_stderr().red();
    eprintln!("gyre: {what}: {}", printable(&error.to_string()));
}

fn named(change: &Change) -> String {
    match change {
        Change::Manifest => "application".to_owned(),
        Change::Components(ids) => ids.iter().cloned().collect::<Vec<_>>().join(", "),
    }
}
