//! The losses of a run, for those who would rather look than read.

use super::{Line, TrainError, journal};
use plotters::prelude::*;
use std::path::Path;

const SIZE: (u32, u32) = (900, 480);
/// Points of a line, at most: each is the mean of equally many steps.
const POINTS_MAX: usize = 400;
/// Enough that each power of ten has labels within.
const Y_LABELS: usize = 40;
const TRAIN_COLOUR: RGBColor = RGBColor(31, 119, 180);
const DEV_COLOUR: RGBColor = RGBColor(255, 127, 14);

type Points = Vec<(f64, f64)>;

/// Draws the losses that a run's log tells, over the tokens that were read.
pub fn draw(log: &Path, plot: &Path) -> Result<(), TrainError> {
    draw_lines(&journal::read(log)?, plot)
}

/// Draws losses over the tokens that were read; nothing when there are no steps yet.
pub(super) fn draw_lines(lines: &[Line], plot: &Path) -> Result<(), TrainError> {
    let (train, dev) = points(lines);
    if train.is_empty() {
        return Ok(());
    }
    lay_out(plot, &train, &dev).map_err(|why| TrainError::Plot {
        path: plot.to_owned(),
        why,
    })
}

/// Millions of tokens and losses, of batches and of the dev split.
fn points(lines: &[Line]) -> (Points, Points) {
    let tokens = |line: &Line| line.tokens as f64 / 1e6;
    let each = lines.len().div_ceil(POINTS_MAX).max(1);
    let train = lines.chunks(each).map(|some| {
        let mean = some.iter().map(|line| line.loss).sum::<f64>() / some.len() as f64;
        (tokens(&some[some.len() - 1]), mean)
    });
    let dev = lines
        .iter()
        .filter_map(|line| Some((tokens(line), line.dev_loss?)));
    (train.collect(), dev.collect())
}

fn lay_out(path: &Path, train: &Points, dev: &Points) -> Result<(), String> {
    let all = || train.iter().chain(dev).map(|point| point.1);
    // A logarithm needs numbers above zero. From a power of ten on, the axis has labels at round numbers.
    let least = all().fold(f64::INFINITY, f64::min).max(1e-6);
    let least = 10.0_f64.powf(least.log10().floor());
    let most = all().fold(least * 2.0, f64::max) * 1.1;
    let last = train.last().map_or(1.0, |point| point.0.max(1e-6));
    let text = |error: DrawingAreaErrorKind<_>| error.to_string();
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(text)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("Loss over tokens", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(0.0..last, (least..most).log_scale())
        .map_err(text)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("million tokens")
        .y_desc("loss of a target")
        .y_labels(Y_LABELS)
        .y_label_formatter(&|loss| format!("{}", (loss * 1e6).round() / 1e6))
        .draw()
        .map_err(text)?;
    for (name, points, colour) in [("train", train, TRAIN_COLOUR), ("dev", dev, DEV_COLOUR)] {
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))
            .map_err(text)?
            .label(name)
            .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 14, y + 4)], colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()
        .map_err(text)?;
    area.present().map_err(text)
}

#[cfg(test)]
mod tests {
    use super::{Line, POINTS_MAX, draw_lines, points};
    use anyhow::Result;

    fn lines(count: u64) -> Vec<Line> {
        let line = |step: u64| Line {
            step,
            epoch: 0,
            loss: 8.0 / step as f64,
            dev_loss: step.is_multiple_of(10).then_some(9.0 / step as f64),
            rate: 0.001,
            gradient_norm: 1.0,
            tokens: step * 8000,
            tokens_per_second: 1.0,
        };
        (1..=count).map(line).collect()
    }

    #[test]
    fn both_losses_are_drawn() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("loss.svg");
        draw_lines(&[], &path)?;
        assert!(!path.exists());
        for count in [1, 25] {
            draw_lines(&lines(count), &path)?;
            let drawn = std::fs::read_to_string(&path)?;
            assert!(drawn.ends_with("</svg>\n"), "{drawn}");
            for named in ["Loss over tokens", "million tokens", "train", "dev", "\n2\n"] {
                assert!(drawn.contains(named), "{named}");
            }
        }
        Ok(())
    }

    #[test]
    fn long_runs_are_drawn_as_means() {
        let (train, dev) = points(&lines(1000));
        assert!(train.len() <= POINTS_MAX, "{}", train.len());
        assert_eq!(dev.len(), 100);
        let last = train[train.len() - 1];
        assert!((last.0 - 8.0).abs() < 1e-9);
    }
}
