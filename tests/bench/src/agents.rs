//! Very many agents that wait in one process, each for a slow model that is not in it.

use crate::Args;
use crate::host::{Host, Kind, NO_MODEL, Start};
use crate::memory::{Usage, usage};
use crate::report::Place;
use crate::scenario::AGENT_ALONE;
use crate::slow_model::SlowModel;
use crate::wait::{self, Arrival};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::time::{Duration, Instant};

/// Memory settles a moment after the last answer.
const SETTLE: Duration = Duration::from_secs(2);
/// Relays at work while the agents begin.
const RELAYS: usize = 256;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many agents wait
    #[arg(long, default_value_t = 10_000)]
    agents: usize,
}

/// What was seen.
#[derive(Debug, Serialize)]
struct Crowd {
    agents: usize,
    waiting: usize,
    failed: usize,
    seconds: f64,
    before: Usage,
    after: Usage,
    kib_each: f64,
    mappings_each: f64,
}

pub(crate) async fn run(args: &Args, options: &Options, place: &Place) -> Result<()> {
    let model = SlowModel::start()?;
    let folder = tempfile::tempdir()?;
    let manifest = AGENT_ALONE.write(folder.path(), &args.guests)?;
    let sandboxes = (options.agents * AGENT_ALONE.sandboxes + RELAYS).to_string();
    let upstream = format!("upstream={}", model.address);
    let start = Start {
        manifest: &manifest,
        model: NO_MODEL.as_ref(),
        gyre_options: &[
            "--sandboxes-max",
            &sandboxes,
            "--connections",
            &sandboxes,
            "--outbound-connections",
            &sandboxes,
            "--variable",
            &upstream,
        ],
    };
    let host = Host::start(&Kind::Gyre(args.gyre.clone()), &start).await?;
    let before = usage(host.pid())?;
    let began = Instant::now();
    let (held, failed) = wait::hold(host.address, &AGENT_ALONE, Arrival::Streams, options.agents).await;
    let seconds = began.elapsed().as_secs_f64();
    tokio::time::sleep(SETTLE).await;
    let after = usage(host.pid())?;
    let each = |value: fn(&Usage) -> u64| (value(&after) as f64 - value(&before) as f64) / held.len() as f64;
    let crowd = Crowd {
        agents: options.agents,
        waiting: held.len(),
        failed,
        seconds,
        before,
        after,
        kib_each: each(|usage| usage.private_kib),
        mappings_each: each(|usage| usage.mappings),
    };
    place.keep("agents.json", &crowd)?;
    println!("agents waiting   failed   seconds   MiB in all   mappings in all   KiB each   mappings each");
    println!(
        "{:>14} {:>8} {:>9.1} {:>12} {:>17} {:>10.0} {:>15.1}",
        crowd.waiting,
        failed,
        seconds,
        after.private_kib / 1024,
        after.mappings,
        crowd.kib_each,
        crowd.mappings_each
    );
    if failed > 0 {
        println!("the host said:\n{}", host.said());
    }
    ensure!(failed == 0, "{failed} agents did not begin to answer");
    Ok(())
}
