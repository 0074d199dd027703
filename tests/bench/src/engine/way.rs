//! The ways to an answer: our worker itself, a guest over wasi-nn under `gyre up`, and the peer.

use super::ask::Door;
use super::computing;
use super::http::Http;
use super::oracle::Family;
use super::peer::Peer;
use crate::host::{Host, Kind, Start};
use anyhow::{Context, Result};
use gyre_engine_ipc::{Engine, EngineConfig};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const WORKER: &str = "worker";
pub(crate) const GUEST: &str = "guest";
pub(crate) const PEER: &str = "llama-server";

const WORKER_PROGRAM: &str = "gyre-engine";

/// What all ways run on.
#[derive(Clone)]
pub(crate) struct Engines {
    pub(crate) gyre: PathBuf,
    pub(crate) guests: PathBuf,
    pub(crate) peer: Option<PathBuf>,
    pub(crate) model: PathBuf,
    pub(crate) threads: u32,
}

/// How many at once, and how long each may be.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    pub(crate) sequences: u32,
    pub(crate) context_tokens: u32,
}

/// A way that is open; dropping it ends its processes.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) family: Family,
    pub(crate) door: Door,
    /// A worker ends with its door.
    guest: Option<(Host, TempDir)>,
    peer: Option<Peer>,
}

impl Way {
    /// Seconds that its processes have computed.
    pub(crate) fn computed(&self) -> Result<f64> {
        let pid = match (&self.guest, &self.peer, &self.door) {
            (Some((host, _)), _, _) => Some(host.pid()),
            (_, Some(peer), _) => Some(peer.pid()),
            (_, _, Door::Worker { engine, .. }) => engine.status().pid,
            _ => None,
        };
        computing::seconds(pid.context("the worker does not run")?)
    }
}

impl Engines {
    /// Opens all ways there are.
    pub(crate) async fn open(&self, room: Room) -> Result<Vec<Way>> {
        let mut ways = vec![self.worker(room).await?, self.guest(room).await?];
        if let Some(program) = &self.peer {
            ways.push(self.peer(program, room).await?);
        }
        Ok(ways)
    }

    /// The worker, called as a host calls it.
    pub(crate) async fn worker(&self, room: Room) -> Result<Way> {
        let program = self.gyre.with_file_name(WORKER_PROGRAM);
        let folder = self.model.parent().context("the model is in no folder")?;
        let mut config = EngineConfig::new(program, folder);
        config.models = vec![(self.name()?, self.model.clone())];
        config.sequences_max = room.sequences;
        config.context_tokens_max = room.context_tokens;
        config.threads = Some(self.threads);
        let engine = Engine::start(config);
        let model = self.name()?;
        engine.load(&model, |_| ()).await?;
        Ok(Way {
            name: WORKER,
            family: Family::Ours,
            door: Door::Worker { engine, model },
            guest: None,
            peer: None,
        })
    }

    async fn guest(&self, room: Room) -> Result<Way> {
        let folder = tempfile::tempdir()?;
        let manifest = folder.path().join("spin.toml");
        std::fs::write(&manifest, application(&self.guests)?)?;
        let numbers = [room.context_tokens, room.sequences, self.threads].map(|it| it.to_string());
        let start = Start {
            manifest: &manifest,
            model: self.model.as_os_str(),
            gyre_options: &[
                "--context",
                &numbers[0],
                "--parallel",
                &numbers[1],
                "--threads",
                &numbers[2],
            ],
        };
        let host = Host::start(&Kind::Gyre(self.gyre.clone()), &start).await?;
        let http = Http {
            address: host.address,
            model: self.name()?,
            extra: Value::Null,
        };
        Ok(Way {
            name: GUEST,
            family: Family::Ours,
            door: Door::Http(http),
            guest: Some((host, folder)),
            peer: None,
        })
    }

    async fn peer(&self, program: &Path, room: Room) -> Result<Way> {
        let peer = Peer::start(program, self, room).await?;
        let http = Http {
            address: peer.address,
            model: self.name()?,
            // Its quickest greedy choice; and lengths are fixed.
            extra: json!({ "samplers": ["top_k"], "top_k": 1, "ignore_eos": true, "cache_prompt": true }),
        };
        Ok(Way {
            name: PEER,
            family: Family::Peers,
            door: Door::Http(http),
            guest: None,
            peer: Some(peer),
        })
    }

    /// As all ways call the model: its file's name.
    fn name(&self) -> Result<String> {
        let stem = self.model.file_stem().and_then(|stem| stem.to_str());
        stem.map(str::to_owned)
            .context("the model's file has no name; hint: give a .gguf file")
    }
}

/// The model shell over wasi-nn, and nothing else.
fn application(guests: &Path) -> Result<String> {
    let guests = guests
        .canonicalize()
        .with_context(|| format!("there are no components in {}", guests.display()))?;
    let guests = guests.display();
    Ok(format!(
        "spin_manifest_version = 2\n[application]\nname = \"bench\"\n\
         [[trigger.http]]\ncomponent = \"model\"\nroute = \"/...\"\n\
         [component.model]\nsource = \"{guests}/model.wasm\"\n\
         [component.model.tool.gyre]\nlocal_models = true\nrequest_ms_max = 3600000\n\
         [component.model.dependencies]\n\
         \"gyre:inference\" = {{ path = \"{guests}/inference_nn.wasm\", inherit_configuration = [\"ai_models\"] }}\n"
    ))
}
