//! Summaries as a plot: what is right by the size of the file, a line for each format.

use std::collections::BTreeMap;
use std::path::Path;

use plotters::prelude::*;

use super::{EvaluateError, Summary};

const SIZE: (u32, u32) = (900, 480);
const COLOURS: [RGBColor; 6] = [
    RGBColor(31, 119, 180),
    RGBColor(255, 127, 14),
    RGBColor(44, 160, 44),
    RGBColor(148, 103, 189),
    RGBColor(214, 39, 40),
    RGBColor(127, 127, 127),
];

type Lines = BTreeMap<String, Vec<(f64, f64)>>;

/// Draws the summaries as SVG.
pub fn draw(path: &Path, summaries: &[Summary]) -> Result<(), EvaluateError> {
    drawn(path, &lines(summaries)).map_err(|error| EvaluateError::Plot {
        path: path.to_owned(),
        what: error.to_string(),
    })
}

/// MiB and percent of each model, by format, smallest first.
fn lines(summaries: &[Summary]) -> Lines {
    let mut lines = Lines::new();
    for summary in summaries {
        let mebibytes = summary.measured.file_bytes as f64 / f64::from(1 << 20);
        let points = lines.entry(summary.measured.format.clone()).or_default();
        points.push((mebibytes, summary.all.share * 100.0));
    }
    for points in lines.values_mut() {
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
    }
    lines
}

fn drawn<'a>(path: &'a Path, lines: &'a Lines) -> Result<(), Box<dyn std::error::Error + 'a>> {
    let all = lines.values().flatten();
    let widest = all.map(|point| point.0).fold(1.0_f64, f64::max) * 1.05;
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("Held-out examples answered right", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(0.0..widest, 0.0..100.0)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("MiB of the file")
        .y_desc("% right")
        .draw()?;
    for ((format, points), colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(3))?
            .label(format.clone())
            .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 14, y + 4)], colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    area.present()?;
    Ok(())
}
