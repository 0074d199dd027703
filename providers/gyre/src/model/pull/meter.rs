//! How far a transfer is: a bar on a terminal, a line for every tenth elsewhere.

use crate::model::render;
use hf_hub::api::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const STEP_PERCENT: u64 = 10;

/// Counts bytes; its copies count the same ones.
#[derive(Clone)]
pub(super) struct Meter {
    bar: Option<ProgressBar>,
    /// Bytes that were moved, by any work: whoever watches sees that it goes on.
    moved: Arc<AtomicU64>,
    size: u64,
    done: u64,
    told_percent: u64,
}

impl Meter {
    /// A meter that shows nothing before its first transfer.
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(ProgressBar::hidden);
        Self {
            bar,
            moved: Arc::default(),
            size: 0,
            done: 0,
            told_percent: 0,
        }
    }

    /// A meter of one transfer, shown.
    pub(super) fn of(&self, size: u64) -> Self {
        if let Some(bar) = &self.bar {
            bar.set_length(size);
            bar.set_style(style());
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        Self { size, ..self.clone() }
    }

    /// Bytes that were moved so far.
    pub(super) fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    /// Says that work goes on.
    pub(super) fn note_moved(&self, bytes: usize) {
        self.moved.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Takes the bar from the terminal.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn percent(&self) -> u64 {
        self.done
            .saturating_mul(100)
            .checked_div(self.size)
            .unwrap_or(100)
    }
}

fn style() -> ProgressStyle {
    // A template that cannot be read is shown as the default.
    ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Progress for Meter {
    fn init(&mut self, _size: usize, _filename: &str) {
        // Told again when the transfer itself begins.
        self.done = 0;
    }

    fn update(&mut self, size: usize) {
        self.note_moved(size);
        self.done = self.done.saturating_add(size as u64);
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
            return;
        }
        let percent = self.percent() / STEP_PERCENT * STEP_PERCENT;
        if percent > self.told_percent {
            self.told_percent = percent;
            eprintln!("{percent} % of {}", render::bytes(self.size));
        }
    }

    fn finish(&mut self) {
        self.clear();
    }
}
