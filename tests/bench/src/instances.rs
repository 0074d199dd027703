//! Making and dropping an instance of the agent, in process, beside two peers in the same run: the same component from
//! the allocator that asks the kernel for every memory, and a process of the operating system.

use crate::report::{self, Place};
use crate::scenario;
use crate::{Args, plot};
use anyhow::{Context, Result, ensure};
use gyre_capability_key_value::Stores;
use gyre_capability_otel::Telemetry;
use gyre_capability_sqlite::Databases;
use gyre_serve::{App, BlockedNetworks, Config, GuestOutput, Metrics, Networking};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

const COMPONENT: &str = "agent-assistant";
/// Before anything is measured: slots and caches are warm, as in a server that runs.
const WARM_UP: usize = 100;
const LATENCY_NS_MAX: u64 = 10_000_000_000;
/// The cheapest program there is.
const PROGRAM: &str = "/bin/true";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many instances are made, one after another
    #[arg(long, default_value_t = 2_000)]
    count: usize,
    /// How many processes are
    #[arg(long, default_value_t = 200)]
    processes: usize,
}

/// How long one way of making an instance takes.
#[derive(Debug, Serialize)]
pub(crate) struct Made {
    pub(crate) way: &'static str,
    pub(crate) count: u64,
    /// Milliseconds that this share of all took at most.
    pub(crate) quantiles_ms: Vec<(f64, f64)>,
}

impl Made {
    fn of(way: &'static str, ns: &Histogram<u64>) -> Self {
        let quantiles = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];
        Self {
            way,
            count: ns.len(),
            quantiles_ms: quantiles
                .map(|quantile| (quantile, ns.value_at_quantile(quantile) as f64 / 1e6))
                .into(),
        }
    }

    fn at(&self, quantile: f64) -> f64 {
        let found = self.quantiles_ms.iter().find(|(one, _)| *one == quantile);
        found.map_or(f64::NAN, |(_, ms)| *ms)
    }
}

pub(crate) async fn run(args: &Args, options: &Options, place: &Place) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let manifest = scenario::AGENT.write(folder.path(), &args.guests)?;
    let app = app(&manifest, folder.path())?;
    let (warm, mut pooled) = (WARM_UP, histogram()?);
    for round in 0..warm + options.count {
        let began = Instant::now();
        app.instantiate(COMPONENT).await?;
        if round >= warm {
            record(&mut pooled, began);
        }
    }
    let on_demand = on_demand(&args.guests.join("agent.wasm"), options.count).await?;
    let mut process = histogram()?;
    for _ in 0..options.processes {
        let began = Instant::now();
        let status = Command::new(PROGRAM).status().context(PROGRAM)?;
        ensure!(status.success(), "{PROGRAM} failed");
        record(&mut process, began);
    }
    let made = [
        Made::of("gyre, pool", &pooled),
        Made::of("wasmtime, on demand", &on_demand),
        Made::of("process (/bin/true)", &process),
    ];
    place.keep("instances.json", &made)?;
    plot::instances(&place.file("instances.svg"), &made)?;
    println!("make and drop              p50 ms   p99 ms    p50 of this / of gyre");
    for one in &made {
        let (p50, p99) = (one.at(0.5), one.at(0.99));
        println!(
            "{:<24} {p50:>8.3} {p99:>8.3}   {:>8.1}",
            one.way,
            p50 / made[0].at(0.5)
        );
    }
    println!("{}", report::build_kind());
    Ok(())
}

/// The application as `gyre up` makes it, without a socket.
fn app(manifest: &Path, folder: &Path) -> Result<Arc<App>> {
    let manifest = gyre_manifest::load(manifest, None)?;
    let variables = gyre_manifest::resolve_variables(&manifest, &BTreeMap::new())?;
    let config = Config {
        sandboxes_max: 1_000,
        cache_dir: folder.join("compiled"),
        files_dir: folder.join("files"),
        databases: Databases::new(folder.join("databases"), BTreeMap::new()),
        key_value: Stores::new(folder.join("key-value"), BTreeMap::new()),
        inference: None,
        llm: None,
        networking: Networking {
            blocked: BlockedNetworks::none(),
            connections_max: 16,
        },
        guest_output: GuestOutput {
            shown: false,
            folder: None,
        },
        metrics: Arc::new(Metrics::new()),
        telemetry: Telemetry::new(None),
    };
    Ok(App::build(&manifest, &variables, config)?)
}

/// The same component, with imports that are never called, and memory from the kernel each time.
async fn on_demand(file: &Path, count: usize) -> Result<Histogram<u64>> {
    let mut config = wasmtime::Config::new();
    config.wasm_component_model_async(true).epoch_interruption(true);
    let engine = Engine::new(&config)?;
    let component = Component::from_file(&engine, file)?;
    let mut linker = Linker::<()>::new(&engine);
    linker.define_unknown_imports_as_traps(&component)?;
    let linked = linker.instantiate_pre(&component)?;
    let mut ns = histogram()?;
    for round in 0..WARM_UP + count {
        let began = Instant::now();
        let mut store = Store::new(&engine, ());
        store.set_epoch_deadline(1);
        linked.instantiate_async(&mut store).await?;
        drop(store);
        if round >= WARM_UP {
            record(&mut ns, began);
        }
    }
    Ok(ns)
}

fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, LATENCY_NS_MAX, 3)?)
}

fn record(ns: &mut Histogram<u64>, began: Instant) {
    let took = u64::try_from(began.elapsed().as_nanos()).unwrap_or(LATENCY_NS_MAX);
    ns.saturating_record(took.max(1));
}
