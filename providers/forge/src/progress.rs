//! Bars for long work, on stderr where that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of this many steps.
pub fn bar(steps: u64, message: &'static str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("gyre-forge: {msg} {wide_bar} {pos}/{len} {elapsed} (left {eta})");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(steps).with_style(style).with_message(message)
}
