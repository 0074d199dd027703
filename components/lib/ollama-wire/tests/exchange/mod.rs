//! Golden exchanges: a request as a real client sends it, what the model service answers, and what becomes of both.
//! `GYRE_BLESS=1` writes what becomes of them anew.

use gyre_chat_wire::{ChatEvent, ChunkReader, StreamError};
use serde_json::Value;
use std::path::PathBuf;

pub(crate) struct Exchange {
    path: PathBuf,
    pub(crate) file: Value,
    differs: Vec<String>,
}

impl Exchange {
    pub(crate) fn read(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.json"));
        let text = std::fs::read(&path).expect("a golden file");
        Self {
            path,
            file: serde_json::from_slice(&text).expect("JSON"),
            differs: Vec::new(),
        }
    }

    pub(crate) fn request(&self) -> Vec<u8> {
        self.file["request"].to_string().into_bytes()
    }

    /// Holds a member of the file against what came out.
    pub(crate) fn check(&mut self, member: &str, got: Value) {
        if self.file.get(member) != Some(&got) {
            self.differs.push(format!("{member} is {got:#}"));
            self.file[member] = got;
        }
    }

    /// The events of the stream in `chunks`, and how it failed, if it did.
    pub(crate) fn chunks(&self) -> Option<(Vec<ChatEvent>, Result<(), StreamError>)> {
        let mut reader = ChunkReader::new();
        let mut events = Vec::new();
        for chunk in self.file.get("chunks")?.as_array().expect("a list") {
            match reader.push(format!("data: {chunk}\n\n").as_bytes()) {
                Ok(more) => events.extend(more),
                Err(error) => return Some((events, Err(error))),
            }
        }
        Some((events, Ok(())))
    }

    pub(crate) fn finish(self) {
        if self.differs.is_empty() {
            return;
        }
        if std::env::var_os("GYRE_BLESS").is_some() {
            std::fs::write(&self.path, format!("{:#}\n", self.file)).expect("writable");
            return;
        }
        panic!(
            "{}: {}\nhint: if it is meant, run the test with GYRE_BLESS=1 and review the difference",
            self.path.display(),
            self.differs.join("\n")
        );
    }
}
