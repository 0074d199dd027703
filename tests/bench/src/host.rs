//! A host under measurement: ours, or stock Spin.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// For [`Start::model`].
pub(crate) const NO_MODEL: &str = "none";
const START_WAIT: Duration = Duration::from_secs(240);
const POLL: Duration = Duration::from_millis(50);

/// Which host.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Gyre(PathBuf),
    Spin(PathBuf),
}

impl Kind {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Gyre(_) => "gyre",
            Self::Spin(_) => "spin",
        }
    }
}

/// A host that listens.
pub(crate) struct Host {
    child: Child,
    pub(crate) address: SocketAddr,
    folder: TempDir,
    asks_to_end: bool,
}

/// How to start one.
pub(crate) struct Start<'a> {
    pub(crate) manifest: &'a Path,
    /// What `gyre up --model` is given.
    pub(crate) model: &'a OsStr,
    /// More options of `gyre up`.
    pub(crate) gyre_options: &'a [&'a str],
}

impl Host {
    pub(crate) async fn start(kind: &Kind, start: &Start<'_>) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        // Spin cannot say which port it took, so both get one that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut command = command(kind, start, folder.path());
        let child = command
            .args(["--listen", &address.to_string()])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {kind:?}"))?;
        let mut host = Self {
            child,
            address,
            folder,
            asks_to_end: matches!(kind, Kind::Spin(_)),
        };
        host.listening().await?;
        Ok(host)
    }

    async fn listening(&mut self) -> Result<()> {
        let began = Instant::now();
        while tokio::net::TcpStream::connect(self.address).await.is_err() {
            if self.child.try_wait()?.is_some() || began.elapsed() > START_WAIT {
                bail!("it does not listen; it said:\n{}", self.said());
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

fn command(kind: &Kind, start: &Start<'_>, folder: &Path) -> Command {
    match kind {
        Kind::Gyre(program) => {
            let mut command = Command::new(program);
            command
                .args(["up", "--model"])
                .arg(start.model)
                .arg("--from")
                .arg(start.manifest);
            command.arg("--state").arg(folder).args(start.gyre_options);
            command
        }
        Kind::Spin(program) => {
            let mut command = Command::new(program);
            // A fresh instance for each request, as ours.
            command.args(["up", "--quiet", "--max-instance-reuse-count", "1", "--from"]);
            command.arg(start.manifest).arg("--state-dir").arg(folder);
            command
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Spin runs its trigger in a process of its own, and ends that only when it is asked to end.
        let asked = self.asks_to_end && {
            let kill = Command::new("kill").arg(self.child.id().to_string()).status();
            kill.is_ok_and(|status| status.success())
        };
        if !asked {
            // A process that is gone needs no killing.
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
