//! How far a model is loaded, for who waits.

use indicatif::{ProgressBar, ProgressStyle};

/// Steps of the bar.
const STEPS: u64 = 1000;

/// A bar, hidden where stderr is no terminal.
pub(crate) struct LoadBar(ProgressBar);

impl LoadBar {
    pub(crate) fn new(message: String) -> Self {
        let style = ProgressStyle::with_template("gyre: {msg} {wide_bar} {percent}% {elapsed}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(ProgressBar::new(STEPS).with_style(style).with_message(message))
    }

    /// Whether nobody sees it.
    pub(crate) fn is_hidden(&self) -> bool {
        self.0.is_hidden()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction from 0 to 1 is a step from 0 to 1000"
    )]
    pub(crate) fn at(&self, fraction: f32) {
        self.0
            .set_position((fraction.clamp(0.0, 1.0) * STEPS as f32) as u64);
    }

    pub(crate) fn gone(&self) {
        self.0.finish_and_clear();
    }
}
