//! Requests without a model: gateway, api and agent, each in a fresh instance, beside stock Spin in the same run.

use crate::host::{Host, Kind, NO_MODEL, Start};
use crate::load::{self, Question};
use crate::report::{Place, median};
use crate::{Args, plot};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// Answered by `api` with what the agent says of itself: three services, no model, no store.
const PATH: &str = "/api/v1/agents/researcher";
const CONNECTIONS: [usize; 2] = [1, 50];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// A stock Spin, 4.1 or later, as the peer
    #[arg(long, env = "GYRE_SPIN", value_name = "PATH")]
    spin: Option<PathBuf>,
    /// The application
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    from: PathBuf,
}

/// One round of one host.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sample {
    pub(crate) host: &'static str,
    pub(crate) connections: usize,
    pub(crate) requests_per_second: f64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    pub(crate) max_us: u64,
    pub(crate) requests: u64,
    pub(crate) failures: u64,
}

pub(crate) async fn run(args: &Args, options: &Options, place: &Place) -> Result<()> {
    let (rounds, time) = if args.long { (9, 10) } else { (5, 3) };
    let mut hosts = vec![Kind::Gyre(args.gyre.clone())];
    hosts.extend(options.spin.clone().map(Kind::Spin));
    let start = Start {
        manifest: &options.from,
        model: NO_MODEL.as_ref(),
        gyre_options: &[],
    };
    let mut running = Vec::new();
    for kind in hosts {
        let host = Host::start(&kind, &start).await?;
        let expected = load::ask_once(host.address, PATH).await?;
        running.push((kind, host, expected));
    }
    ensure!(
        running.iter().all(|(_, _, expected)| *expected == running[0].2),
        "the hosts answer differently"
    );
    let mut samples = Vec::new();
    for connections in CONNECTIONS {
        // Hosts take turns, so that a busy moment of the machine meets both; the first round only warms up.
        for round in 0..=rounds {
            for (kind, host, expected) in &running {
                let question = Question {
                    address: host.address,
                    path: PATH.to_owned(),
                    expected: expected.clone(),
                };
                let seen = load::round(&question, connections, Duration::from_secs(time)).await?;
                if round > 0 {
                    samples.push(sample(kind.name(), connections, &seen));
                }
            }
        }
    }
    place.keep("requests.json", &samples)?;
    plot::requests(&place.file("requests.svg"), &samples)?;
    print(&samples, running.len() > 1);
    let failures: u64 = samples.iter().map(|sample| sample.failures).sum();
    ensure!(failures == 0, "{failures} answers were wrong or missing");
    Ok(())
}

fn sample(host: &'static str, connections: usize, round: &load::Round) -> Sample {
    Sample {
        host,
        connections,
        requests_per_second: round.per_second(),
        p50_us: round.latency_us.value_at_quantile(0.5),
        p99_us: round.latency_us.value_at_quantile(0.99),
        max_us: round.latency_us.max(),
        requests: round.latency_us.len(),
        failures: round.failures,
    }
}

fn print(samples: &[Sample], with_peer: bool) {
    println!("connections  host   requests/s   p50 ms   p99 ms   (medians of rounds)");
    for connections in CONNECTIONS {
        for host in ["gyre", "spin"] {
            let of = |value: fn(&Sample) -> f64| median(values(samples, host, connections, value));
            let per_second = of(|sample| sample.requests_per_second);
            if per_second.is_nan() {
                continue;
            }
            let (p50, p99) = (
                of(|sample| sample.p50_us as f64),
                of(|sample| sample.p99_us as f64),
            );
            println!(
                "{connections:>11}  {host}  {per_second:>11.0}  {:>7.2}  {:>7.2}",
                p50 / 1e3,
                p99 / 1e3
            );
        }
        if with_peer {
            let of = |host| {
                median(values(samples, host, connections, |sample| {
                    sample.requests_per_second
                }))
            };
            println!(
                "{connections:>11}  ratio gyre/spin {:.2}",
                of("gyre") / of("spin")
            );
        }
    }
    if !with_peer {
        println!("peer absent: --spin PATH names a stock Spin, 4.1 or later; there is no ratio");
    }
}

fn values(samples: &[Sample], host: &str, connections: usize, value: fn(&Sample) -> f64) -> Vec<f64> {
    let of = |sample: &&Sample| sample.host == host && sample.connections == connections;
    samples.iter().filter(of).map(value).collect()
}
