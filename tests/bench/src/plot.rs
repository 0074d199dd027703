//! Plots, for those who would rather look than read.

use crate::chart::{Labels, Series, draw};
use crate::instances::Made;
use crate::requests::Sample;
use crate::waiting::Step;
use anyhow::Result;
use std::collections::BTreeSet;
use std::path::Path;

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
