//! What who waits sees of a run.

use super::Line;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

/// Where stderr is no terminal, so long after a line the next one comes at the earliest.
const LINES_APART: Duration = Duration::from_secs(15);

/// Sees how a run goes.
pub trait Watch {
    /// The run begins, with some of its steps made already.
    fn begin(&mut self, made: u64, steps: u64);

    /// A step was made.
    fn step(&mut self, line: &Line);

    /// Something worth a line happened.
    fn note(&mut self, text: &str);

    /// The run ends.
    fn end(&mut self);
}

/// Sees nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Watch for Quiet {
    fn begin(&mut self, _: u64, _: u64) {}
    fn step(&mut self, _: &Line) {}
    fn note(&mut self, _: &str) {}
    fn end(&mut self) {}
}

/// A bar on a terminal, lines elsewhere; on stderr.
#[derive(Debug)]
pub struct Bar {
    bar: Option<ProgressBar>,
    steps: u64,
    /// When the run began, and how many steps were made then.
    began: (Instant, u64),
    told: Option<Instant>,
    /// Moving means of the loss and of tokens per second.
    loss: Option<f64>,
    speed: Option<f64>,
    dev_loss: Option<f64>,
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

impl Bar {
    /// A bar that is not shown yet.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(ProgressBar::hidden);
        Self {
            bar,
            steps: 0,
            began: (Instant::now(), 0),
            told: None,
            loss: None,
            speed: None,
            dev_loss: None,
        }
    }

    fn text(&self) -> String {
        let loss = self.loss.unwrap_or(f64::NAN);
        let dev = self
            .dev_loss
            .map(|loss| format!(", dev {loss:.4}"))
            .unwrap_or_default();
        format!("loss {loss:.4}{dev}  {:.0} tokens/s", self.speed.unwrap_or(0.0))
    }
}

/// How long the rest takes, if it goes on as it went.
fn left(elapsed: Duration, made: u64, rest: u64) -> String {
    let seconds = (elapsed.as_secs_f64() / made.max(1) as f64 * rest as f64) as u64;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The next moving mean.
fn mean(before: Option<f64>, value: f64) -> Option<f64> {
    const KEPT: f64 = 0.95;
    Some(before.map_or(value, |before| before * KEPT + value * (1.0 - KEPT)))
}

impl Watch for Bar {
    fn begin(&mut self, made: u64, steps: u64) {
        self.steps = steps;
        self.began = (Instant::now(), made);
        if let Some(bar) = &self.bar {
            // A template that cannot be read is shown as the default.
            let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} steps  {msg}  {eta} left")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style);
            bar.set_length(steps);
            bar.set_position(made);
            bar.reset_eta();
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
    }

    fn step(&mut self, line: &Line) {
        self.loss = mean(self.loss, line.loss);
        self.speed = mean(self.speed, line.tokens_per_second);
        self.dev_loss = line.dev_loss.or(self.dev_loss);
        if let Some(bar) = &self.bar {
            bar.set_message(self.text());
            bar.set_position(line.step);
            return;
        }
        let due = self.told.is_none_or(|told| told.elapsed() >= LINES_APART);
        if due || line.step == self.steps {
            self.told = Some(Instant::now());
            let made = line.step - self.began.1;
            let left = left(self.began.0.elapsed(), made, self.steps - line.step);
            eprintln!("step {}/{}  {}  {left} left", line.step, self.steps, self.text());
        }
    }

    fn note(&mut self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }

    fn end(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{left, mean};
    use std::time::Duration;

    #[test]
    fn the_rest_takes_as_long_as_what_was_made() {
        assert_eq!(left(Duration::from_secs(100), 10, 400), "1:06:40");
        assert_eq!(left(Duration::from_secs(1), 0, 0), "0:00:00");
    }

    #[test]
    fn a_mean_begins_with_the_first_value() {
        assert_eq!(mean(None, 3.0), Some(3.0));
        assert_eq!(mean(Some(2.0), 2.0), Some(2.0));
    }
}
