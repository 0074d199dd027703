//! Charts of the engine's benches.

use super::first_token::{self, COLD, DISTINCT, WARM};
use super::gaps;
use super::quantile::quantile;
use super::soak::Soak;
use super::throughput::{self, Prefix, rounds};
use crate::chart::{Labels, Series, draw};
use crate::report::median;
use anyhow::Result;
use std::collections::BTreeSet;
use std::path::Path;

const KIB_PER_MIB: f64 = 1024.0;

/// Medians by the number of streams, a line for each way and prefix.
pub(crate) fn throughput(path: &Path, samples: &[throughput::Sample]) -> Result<()> {
    let kinds: BTreeSet<(Prefix, &str)> = samples.iter().map(|it| (it.prefix, it.way)).collect();
    let series = kinds.into_iter().map(|(prefix, way)| {
        let of = samples.iter().filter(|it| it.way == way && it.prefix == prefix);
        let streams: BTreeSet<usize> = of.map(|it| it.streams).collect();
        let middle = |streams: usize| {
            let of = (way, prefix, streams);
            median(rounds(samples, of, |it| it.tokens_per_second))
        };
        Series {
            name: format!("{way}, {}", prefix.label()),
            points: streams.into_iter().map(|it| (it as f64, middle(it))).collect(),
        }
    });
    let labels = Labels {
        title: "Completion tokens a second, medians of rounds",
        x: "streams",
        y: "tokens/s",
    };
    draw(path, &labels, &series.collect::<Vec<_>>())
}

/// Times to the first token by the share of callers that waited no longer.
pub(crate) fn first_token(path: &Path, samples: &[first_token::Sample]) -> Result<()> {
    let ways: BTreeSet<&str> = samples.iter().map(|it| it.way).collect();
    let kinds = ways
        .iter()
        .flat_map(|way| [DISTINCT, COLD, WARM].map(|prefix| (*way, prefix)));
    let series = kinds.map(|(way, prefix)| {
        let of = samples.iter().filter(|it| it.way == way && it.prefix == prefix);
        let all: Vec<f64> = of.flat_map(|it| it.first_ms.iter().copied()).collect();
        by_share(format!("{way}, {prefix}"), &all)
    });
    let labels = Labels {
        title: "Time to the first token, many callers at once",
        x: "% of callers waited no longer than",
        y: "ms",
    };
    draw(path, &labels, &series.collect::<Vec<_>>())
}

/// Gaps between tokens by the share of those that were no longer.
pub(crate) fn gaps(path: &Path, samples: &[gaps::Sample]) -> Result<()> {
    let ways: BTreeSet<&str> = samples.iter().map(|it| it.way).collect();
    let series = ways.into_iter().flat_map(|way| {
        [
            by_share(
                format!("{way}, before"),
                &gaps::all(samples, way, |it| &it.before_ms),
            ),
            by_share(
                format!("{way}, during"),
                &gaps::all(samples, way, |it| &it.during_ms),
            ),
        ]
    });
    let labels = Labels {
        title: "Gaps between tokens of running streams, before and while a long prompt is read",
        x: "% of gaps were no longer than",
        y: "ms",
    };
    draw(path, &labels, &series.collect::<Vec<_>>())
}

/// The worker's memory over time.
pub(crate) fn soak(path: &Path, soak: &Soak) -> Result<()> {
    let points = soak.resident.iter();
    let series = Series {
        name: format!("{:.1} completions/s", soak.offered_per_second),
        points: points.map(|(at, kib)| (*at, *kib as f64 / KIB_PER_MIB)).collect(),
    };
    let labels = Labels {
        title: "Resident memory of the worker under a steady load",
        x: "s",
        y: "MiB",
    };
    draw(path, &labels, &[series])
}

fn by_share(name: String, values: &[f64]) -> Series {
    let shares = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0];
    let points = shares.map(|share| (share * 100.0, quantile(values, share)));
    Series {
        name,
        // Where nothing was right there is nothing to draw.
        points: points
            .into_iter()
            .filter(|(_, value)| value.is_finite())
            .collect(),
    }
}
