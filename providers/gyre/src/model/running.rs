//! `gyre model ps`, `load` and `unload`: the models of a running server, by its operators' socket.

use super::render;
use crate::cli::{AdminArgs, ModelMoveArgs, ModelPsArgs};
use crate::client::{self, Server, print, print_json};
use crate::load_bar::LoadBar;
use crate::table::Table;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::{Duration, Instant};

/// A server answers a call within a second or so.
const TIMEOUT: Duration = Duration::from_secs(30);

/// `GET /models`.
#[derive(Debug, Serialize, Deserialize)]
struct Models {
    models: Vec<Model>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Model {
    name: String,
    architecture: String,
    abilities: Vec<String>,
    memory: Option<Memory>,
    running: Option<u32>,
    queued: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Memory {
    total_bytes: u64,
    weights_bytes: u64,
    kv_bytes: u64,
    compute_bytes: u64,
}

/// How far a model is.
#[derive(Debug, Serialize, Deserialize)]
struct Moved {
    name: String,
    state: String,
    progress: Option<f32>,
}

/// `gyre model ps`.
pub(super) async fn ps(args: &ModelPsArgs) -> Result<()> {
    let found: Models = server(&args.admin)?
        .get(&["models"])
        .await
        .map_err(|error| of_admin(error, &args.admin))?;
    if args.json {
        return print_json(&found);
    }
    let mut table = Table::new(&["MODEL", "USE", "MEMORY", "RUNNING", "WAITING"]);
    let number = |number: Option<u32>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    for model in &found.models {
        let memory = model.memory.as_ref();
        table.row(&[
            &model.name,
            &model.abilities.join(", "),
            &memory.map_or_else(|| "-".to_owned(), |memory| render::bytes(memory.total_bytes)),
            &number(model.running),
            &number(model.queued),
        ]);
    }
    print(&table.render())?;
    if found.models.iter().all(|model| model.memory.is_none()) {
        eprintln!("no model is in memory; hint: the first call of one loads it, and `gyre model load NAME`");
    }
    Ok(())
}

/// `gyre model load`.
pub(super) async fn load(args: &ModelMoveArgs) -> Result<()> {
    follow(args, "load", "loaded").await
}

/// `gyre model unload`.
pub(super) async fn unload(args: &ModelMoveArgs) -> Result<()> {
    follow(args, "unload", "unloaded").await
}

/// Asks again and again, since the server says within a second how far it is.
async fn follow(args: &ModelMoveArgs, verb: &str, end: &str) -> Result<()> {
    let server = server(&args.admin)?;
    let until = Instant::now() + Duration::from_secs(args.timeout.into());
    let bar = LoadBar::new(format!("{verb} {}", args.name));
    let mut told = false;
    loop {
        let moved = server.post(&["models", &args.name, verb], &json!({})).await;
        let moved: Moved = moved.map_err(|error| of_admin(error, &args.admin))?;
        if moved.state == end {
            bar.gone();
            return match args.json {
                true => print_json(&moved),
                false => Ok(print(&format!("{end} {}\n", args.name))?),
            };
        }
        if let Some(progress) = moved.progress {
            bar.at(progress);
        }
        if bar.is_hidden() && !told {
            eprintln!("gyre: {} {}", moved.state, args.name);
            told = true;
        }
        anyhow::ensure!(
            Instant::now() < until,
            "{} is not {end} after {} s, and the server goes on; hint: ask again, or wait longer with --timeout",
            args.name,
            args.timeout
        );
    }
}

fn server(admin: &AdminArgs) -> Result<Server, client::Error> {
    Server::new(&admin.at, TIMEOUT)
}

/// The cures of the public socket are none for this one. An application answers that it has no such path.
fn of_admin(error: client::Error, admin: &AdminArgs) -> client::Error {
    let url = admin.at.to_string();
    match error {
        client::Error::Unreachable { .. } | client::Error::Foreign { .. } => client::Error::NoAdmin { url },
        client::Error::Problem { kind, .. } if kind == "not-found" => client::Error::NoAdmin { url },
        error => error,
    }
}
