//! What a sandbox that waits for tokens costs: memory and mappings of the host's process, as the kernel counts them.
//!
//! A double answers with its first words and then is silent, so every sandbox of a run waits. The cost of one is the
//! slope between few and many.

use crate::host::{Host, Kind, NO_MODEL, Start};
use crate::memory::{Usage, usage};
use crate::report::Place;
use crate::wait::{self, Arrival, Held};
use crate::{Args, plot, scenario};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::time::Duration;

/// Memory settles a moment after the last answer.
const SETTLE: Duration = Duration::from_secs(2);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many runs wait, in steps
    #[arg(long, value_delimiter = ',', default_values_t = [50, 200, 400])]
    steps: Vec<usize>,
    /// Which of `model`, `agent` and `run`
    #[arg(long, value_delimiter = ',', value_enum, default_values_t = [Which::Model, Which::Agent, Which::Run])]
    only: Vec<Which>,
    /// Runs arrive as streams of few HTTP/2 connections
    #[arg(long)]
    streams: bool,
}

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    Model,
    Agent,
    Run,
}

impl Which {
    fn scenario(self) -> &'static scenario::Scenario {
        match self {
            Self::Model => &scenario::MODEL,
            Self::Agent => &scenario::AGENT,
            Self::Run => &scenario::RUN,
        }
    }
}

/// What a step showed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Step {
    pub(crate) scenario: &'static str,
    pub(crate) waiting: usize,
    pub(crate) failed: usize,
    pub(crate) usage: Usage,
}

/// The cost of one waiting run of a scenario.
#[derive(Debug, Serialize)]
pub(crate) struct Cost {
    scenario: &'static str,
    kib: f64,
    mappings: f64,
}

pub(crate) async fn run(args: &Args, options: &Options, place: &Place) -> Result<()> {
    let mut steps = Vec::new();
    let chosen: Vec<_> = options.only.iter().map(|which| which.scenario()).collect();
    for scenario in chosen.iter().copied() {
        steps.extend(measure(args, options, scenario).await?);
    }
    let mut costs: Vec<Cost> = chosen.iter().map(|one| cost(one.name, &steps)).collect();
    costs.extend(agent_alone(&costs));
    place.keep(
        "waiting.json",
        &serde_json::json!({ "steps": steps, "costs": costs }),
    )?;
    plot::waiting(&place.file("waiting.svg"), &steps)?;
    println!("one more of these waiting          KiB   mappings");
    for cost in &costs {
        println!("{:<30} {:>7.0}   {:>8.1}", cost.scenario, cost.kib, cost.mappings);
    }
    let failed: usize = steps.iter().map(|step| step.failed).sum();
    ensure!(failed == 0, "{failed} runs did not begin to answer");
    Ok(())
}

async fn measure(args: &Args, options: &Options, scenario: &'static scenario::Scenario) -> Result<Vec<Step>> {
    let folder = tempfile::tempdir()?;
    let manifest = scenario.write(folder.path(), &args.guests)?;
    let most = options.steps.iter().max().copied().unwrap_or(1).max(1);
    let (connections, sandboxes) = (most.to_string(), (most * scenario.sandboxes).to_string());
    let start = Start {
        manifest: &manifest,
        model: NO_MODEL.as_ref(),
        gyre_options: &["--sandboxes-max", &sandboxes, "--connections", &connections],
    };
    let arrival = if options.streams {
        Arrival::Streams
    } else {
        Arrival::Connections
    };
    let host = Host::start(&Kind::Gyre(args.gyre.clone()), &start).await?;
    let mut held: Vec<Held> = Vec::new();
    let mut steps = Vec::new();
    for waiting in &options.steps {
        let more = waiting.saturating_sub(held.len());
        let (new, failed) = wait::hold(host.address, scenario, arrival, more).await;
        held.extend(new);
        tokio::time::sleep(SETTLE).await;
        steps.push(Step {
            scenario: scenario.name,
            waiting: held.len(),
            failed,
            usage: usage(host.pid())?,
        });
        println!("{}: {} wait, {failed} failed", scenario.name, held.len());
    }
    if steps.iter().any(|step| step.failed > 0) {
        println!("the host said:\n{}", host.said());
    }
    Ok(steps)
}

fn cost(scenario: &'static str, steps: &[Step]) -> Cost {
    let of: Vec<&Step> = steps.iter().filter(|step| step.scenario == scenario).collect();
    let (first, last) = (of[0], of[of.len() - 1]);
    let more = (last.waiting - first.waiting) as f64;
    let per_one = |value: fn(&Usage) -> u64| (value(&last.usage) as f64 - value(&first.usage) as f64) / more;
    Cost {
        scenario,
        kib: per_one(|usage| usage.private_kib),
        mappings: per_one(|usage| usage.mappings),
    }
}

/// An agent is never alone here: its cost is what it adds to its model.
fn agent_alone(costs: &[Cost]) -> Option<Cost> {
    let of = |name: &str| costs.iter().find(|cost| cost.scenario == name);
    let (with, without) = (of(scenario::AGENT.name)?, of(scenario::MODEL.name)?);
    Some(Cost {
        scenario: "agent alone (difference)",
        kib: with.kib - without.kib,
        mappings: with.mappings - without.mappings,
    })
}
