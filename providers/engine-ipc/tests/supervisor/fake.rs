//! A worker that speaks the wire and does one thing wrong. What, is the last part of its models folder.

use gyre_engine_ipc::wire::{Call, Pulse, Reply, Request, Response};
use gyre_engine_ipc::{Embeddings, ModelInfo, frame};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The supervisor's own calls.
const OWN_CALL: u64 = 0;
const LONG: Duration = Duration::from_secs(60);

/// Serves until the pipe ends.
pub(crate) fn run(folder: &Path) {
    let fault = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let mut fake = Fake {
        fault,
        beats: 0,
        loaded: Vec::new(),
    };
    let mut stdin = std::io::stdin().lock();
    while let Ok(Some(call)) = frame::read::<Call>(&mut stdin) {
        fake.take(call);
    }
}

struct Fake<'a> {
    fault: &'a str,
    beats: u64,
    loaded: Vec<String>,
}

impl Fake<'_> {
    fn take(&mut self, Call { id, request }: Call) {
        match request {
            Request::Pulse => reply(OWN_CALL, Response::Pulses(vec![self.pulse()])),
            Request::Load { model } => {
                self.loaded.push(model);
                reply(id, Response::Loaded);
            }
            Request::Models => reply(
                id,
                Response::Models(self.loaded.iter().map(|name| info(name)).collect()),
            ),
            Request::Embed { model, texts } => self.embed(id, &model, &texts),
            _ => {}
        }
    }

    fn pulse(&mut self) -> Pulse {
        if self.fault == "slow" {
            self.beats += 1;
        }
        Pulse {
            model: "m".to_owned(),
            beats: self.beats,
            busy: matches!(self.fault, "stuck" | "slow" | "long"),
            allowance_ms: if self.fault == "long" { 60_000 } else { 0 },
        }
    }

    fn embed(&self, id: u64, model: &str, texts: &[String]) {
        let ends = texts[0] == "die";
        match self.fault {
            "garbage" => raw(&[8, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]),
            "huge" => raw(&u32::MAX.to_le_bytes()),
            "cut" => raw(&[8, 0, 0, 0, 1]),
            "silent" => std::thread::sleep(LONG),
            "stuck" => {}
            "exit" if ends => std::process::exit(3),
            "abort" if ends => std::process::abort(),
            "open-pipe" => {
                // A process of its own keeps the pipe open after this one ended.
                answer(id, model);
                Command::new("sleep").arg("20").spawn().expect("starts");
                std::process::exit(7);
            }
            "bad-file" if model == "bad" => std::process::abort(),
            "slow" | "long" => {
                let model = model.to_owned();
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(1500));
                    answer(id, &model);
                });
            }
            _ => answer(id, model),
        }
    }
}

fn answer(id: u64, model: &str) {
    let embeddings = Embeddings {
        model: model.to_owned(),
        dimension: 1,
        data: vec![1.0],
        prompt_tokens: 1,
        truncated: 0,
    };
    reply(id, Response::Embeddings(embeddings));
}

fn reply(id: u64, response: Response) {
    raw(&frame::encode(&Reply { id, response }).expect("encodes"));
}

fn raw(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    // A host that is gone needs no answer.
    stdout.write_all(bytes).and_then(|()| stdout.flush()).ok();
}

fn info(name: &str) -> ModelInfo {
    ModelInfo {
        name: name.to_owned(),
        architecture: String::new(),
        embedding: true,
        chat: false,
        graph: false,
        rerank: false,
    }
}
