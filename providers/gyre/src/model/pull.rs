//! `gyre model pull`: fetches one GGUF file, checks it, and makes it a model at once or not at all.

mod arrival;
mod choice;
mod hub;
mod meter;
mod source;

use super::error::Error;
use super::facts::Facts;
use super::{folder, render};
use crate::cli::ModelPullArgs;
use crate::client::{self, print, print_json};
use anyhow::{Context, Result};
use gyre_gguf::folder::name_of;
use hub::Hub;
use meter::Meter;
use source::Source;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::oneshot;

/// Where transfers are kept until they are whole, in the models folder: what is there is moved, not copied.
const PARTS: &str = ".pull";
/// How often it is looked whether anything comes.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Looks without a byte before the transfer is given up.
const IDLE_LOOKS_MAX: u32 = 12;

/// What to pull, checked before the hub is asked.
struct Order {
    source: Source,
    name: Option<String>,
    folder: PathBuf,
    force: bool,
}

/// Runs the verb.
pub(super) async fn run(args: &ModelPullArgs) -> Result<()> {
    let order = Order {
        source: Source::parse(&args.from, &args.revision)?,
        name: args.name.clone(),
        folder: args.folder.path()?,
        force: args.force,
    };
    if let Some(name) = order.known_name() {
        order.place(&name)?;
    }
    let hub = Hub::from_env(&order.folder.join(PARTS))?;
    let path = follow(order, hub).await?;
    let (facts, _) = Facts::read(&path)?;
    if args.json {
        return print_json(&facts);
    }
    let line = format!(
        "{}  {}, {}, {} parameters, {}\n",
        facts.name,
        render::bytes(facts.bytes),
        facts.architecture,
        render::count(facts.parameters),
        facts.quantisation
    );
    print(&crate::text::printable(&line))?;
    match facts.ability() {
        "chat" => eprintln!("hint: `gyre up --model {}` lets agents use it", facts.name),
        "nothing" => eprintln!(
            "note: gyre has no use for it; hint: `gyre model inspect {}`",
            facts.name
        ),
        _ => {}
    }
    Ok(())
}

/// Lets a thread do the work, and watches it. Not a task of the runtime: the program would wait for it to end, and a
/// blocking read cannot be cancelled.
async fn follow(order: Order, hub: Hub) -> Result<PathBuf> {
    let meter = Meter::new();
    let watched = meter.clone();
    let (done, mut end) = oneshot::channel();
    let work = move || {
        // Nobody waits any more when the program ends.
        let _ = done.send(order.fill(&hub, &meter));
    };
    std::thread::Builder::new()
        .name("pull".to_owned())
        .spawn(work)
        .context("cannot start the transfer")?;
    let ended = tokio::select! {
        ended = &mut end => ended.context("the transfer ended without a result")?.map_err(Into::into),
        () = idle(&watched) => {
            let why = format!("nothing came for {} s", LOOK_EVERY.as_secs() * u64::from(IDLE_LOOKS_MAX));
            Err(Error::Cut { why }.into())
        }
        _ = tokio::signal::ctrl_c() => {
            watched.clear();
            eprintln!("note: what came is kept; the same command goes on where it ended");
            Err(client::Error::Interrupted.into())
        }
    };
    watched.clear();
    ended
}

/// Ends when nothing has come for too long.
async fn idle(meter: &Meter) {
    let mut before = meter.moved();
    let mut looks = 0;
    while looks < IDLE_LOOKS_MAX {
        tokio::time::sleep(LOOK_EVERY).await;
        let moved = meter.moved();
        looks = if moved == before { looks + 1 } else { 0 };
        before = moved;
    }
}

impl Order {
    /// The name of the model, as far as it is known before the hub is asked.
    fn known_name(&self) -> Option<String> {
        let of_file = || Some(name_of(Path::new(self.source.file.as_ref()?)));
        self.name.clone().or_else(of_file)
    }

    /// Where the model will be.
    fn place(&self, name: &str) -> Result<PathBuf, Error> {
        let place = folder::place(&self.folder, name)?;
        if place.exists() && !self.force {
            return Err(Error::Exists(name.to_owned()));
        }
        Ok(place)
    }

    /// Fetches, checks and moves.
    fn fill(&self, hub: &Hub, meter: &Meter) -> Result<PathBuf, Error> {
        let there = hub.files(&self.source)?;
        let file = choice::choose(&self.source, &there)?;
        let name = self.name.clone().unwrap_or_else(|| name_of(Path::new(&file)));
        let place = self.place(&name)?;
        std::fs::create_dir_all(&self.folder).map_err(Error::disk("make", &self.folder))?;
        let came = hub.fetch(&self.source, &file, meter)?;
        arrival::check(&came, meter)?;
        // Somebody may have been faster.
        self.place(&name)?;
        std::fs::rename(&came.blob, &place).map_err(Error::disk("write", &place))?;
        hub.forget(&self.source, &came);
        Ok(place)
    }
}
