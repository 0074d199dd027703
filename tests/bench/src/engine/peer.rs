//! llama-server, the peer: on the same file, with as many threads and as much room as ours.

use super::way::{Engines, Room};
use crate::load;
use anyhow::{Context, Result, bail};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const START_WAIT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(100);
/// Answers once the model is loaded.
const HEALTH: &str = "/health";

/// A server that listens; dropping it ends it.
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: SocketAddr,
    folder: TempDir,
}

impl Peer {
    pub(crate) async fn start(program: &Path, engines: &Engines, room: Room) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let threads = engines.threads.to_string();
        let child = Command::new(program)
            .arg("--model")
            .arg(&engines.model)
            .args(["--host", "127.0.0.1", "--port", &address.port().to_string()])
            .args(["--parallel", &room.sequences.to_string()])
            .args(["--ctx-size", &(room.sequences * room.context_tokens).to_string()])
            .args(["--threads", &threads, "--threads-batch", &threads])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut peer = Self {
            child,
            address,
            folder,
        };
        peer.ready().await?;
        Ok(peer)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    async fn ready(&mut self) -> Result<()> {
        let began = Instant::now();
        while load::ask_once(self.address, HEALTH).await.is_err() {
            if self.child.try_wait()?.is_some() || began.elapsed() > START_WAIT {
                let said = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!("the peer does not come up; it said:\n{said}");
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // A process that is gone needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
