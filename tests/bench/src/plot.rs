//! Plots, for those who would rather look than read.

use crate::instances::Made;
use crate::requests::Sample;
use crate::waiting::Step;
use anyhow::Result;
use plotters::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

const SIZE: (u32, u32) = (900, 480);
/// Above the highest point, for the legend.
const LEGEND_ROOM: f64 = 1.35;
const COLOURS: [RGBColor; 4] = [
    RGBColor(31, 119, 180),
    RGBColor(255, 127, 14),
    RGBColor(44, 160, 44),
    RGBColor(148, 103, 189),
];

/// A named series of points.
struct Series {
    name: String,
    points: Vec<(f64, f64)>,
}

struct Labels<'a> {
    title: &'a str,
    x: &'a str,
    y: &'a str,
}

/// Requests per second of each round, by host and connections.
pub(crate) fn requests(path: &Path, samples: &[Sample]) -> Result<()> {
    let kinds: BTreeSet<(usize, &str)> = samples.iter().map(|it| (it.connections, it.host)).collect();
    let series = kinds.into_iter().map(|(connections, host)| {
        let of = samples
            .iter()
            .filter(|it| it.connections == connections && it.host == host);
        let points = of.enumerate();
        Series {
            name: format!("{host}, connections: {connections}"),
            points: points
                .map(|(round, it)| (round as f64 + 1.0, it.requests_per_second))
                .collect(),
        }
    });
    let labels = Labels {
        title: "Requests without a model: gateway, api, agent, a fresh instance each",
        x: "round",
        y: "requests/s",
    };
    draw(path, &labels, &series.collect::<Vec<_>>())
}

/// How long making an instance takes, by the share of those that took no longer.
pub(crate) fn instances(path: &Path, made: &[Made]) -> Result<()> {
    let series = made.iter().map(|one| Series {
        name: one.way.to_owned(),
        points: one
            .quantiles_ms
            .iter()
            .map(|(quantile, ms)| (quantile * 100.0, *ms))
            .collect(),
    });
    let labels = Labels {
        title: "Making and dropping an instance of the agent",
        x: "% of all took no longer than",
        y: "ms",
    };
    draw(path, &labels, &series.collect::<Vec<_>>())
}

/// Memory by the number of runs that wait.
pub(crate) fn waiting(path: &Path, steps: &[Step]) -> Result<()> {
    let kinds: BTreeSet<&str> = steps.iter().map(|step| step.scenario).collect();
    let series = kinds.into_iter().map(|scenario| Series {
        name: scenario.to_owned(),
        points: steps
            .iter()
            .filter(|step| step.scenario == scenario)
            .map(|step| (step.waiting as f64, step.usage.private_kib as f64 / 1024.0))
            .collect(),
    });
    let labels = Labels {
        title: "Memory of the host while runs wait for tokens",
        x: "waiting runs",
        y: "MiB",
    };
    draw(path, &labels, &series.collect::<Vec<_>>())
}

fn draw(path: &Path, labels: &Labels<'_>, series: &[Series]) -> Result<()> {
    let most = |value: fn(&(f64, f64)) -> f64| {
        let all = series.iter().flat_map(|series| series.points.iter().map(value));
        all.fold(1.0_f64, f64::max) * 1.05
    };
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(labels.title, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(
            0.0..most(|point| point.0),
            0.0..most(|point| point.1) * LEGEND_ROOM,
        )?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc(labels.x)
        .y_desc(labels.y)
        .draw()?;
    for (series, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        chart
            .draw_series(
                LineSeries::new(series.points.iter().copied(), colour.stroke_width(2)).point_size(3),
            )?
            .label(series.name.clone())
            .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 14, y + 4)], colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    area.present()?;
    println!("plot: {}", path.display());
    Ok(())
}
