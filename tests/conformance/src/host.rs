//! A host that runs an application: ours, or stock Spin.

use anyhow::{Context, Result, bail};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Compiling a guest on a slow machine, with room.
const START_WAIT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(50);

/// Which host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostKind {
    /// `gyre up`.
    Gyre,
    /// `spin up` of this program.
    Spin(PathBuf),
}

/// An application that runs.
pub(crate) struct Running {
    child: Child,
    pub(crate) origin: String,
    is_ours: bool,
}

/// What became of a start.
pub(crate) enum Started {
    Running(Running),
    /// It ended instead, and said this.
    Refused(String),
}

/// What to start.
pub(crate) struct Application<'a> {
    /// A folder of its own, with `spin.toml`, and `runtime-config.toml` where the case has one.
    pub(crate) folder: &'a Path,
}

impl HostKind {
    pub(crate) async fn start(&self, application: &Application<'_>) -> Result<Started> {
        // Spin cannot say which port it took, so both get one that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = application.folder.join("host.log");
        let file = std::fs::File::create(&log).context("cannot write the host's log")?;
        let child = self
            .command(application, address)?
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {self:?}"))?;
        let running = Running {
            child,
            origin: format!("http://{address}"),
            is_ours: *self == Self::Gyre,
        };
        running.listening(address, &log).await
    }

    fn command(&self, application: &Application<'_>, address: SocketAddr) -> Result<Command> {
        let manifest = application.folder.join("spin.toml");
        let runtime = application.folder.join("runtime-config.toml");
        let mut command = match self {
            Self::Gyre => {
                let state = application.folder.join("state");
                gyre_test_support::share_compiled(&state)?;
                let mut command = Command::new(gyre_test_support::host()?);
                command
                    .arg("up")
                    .arg("--from")
                    .arg(manifest)
                    .arg("--state")
                    .arg(state);
                command.args(["--model", "none"]);
                command
            }
            Self::Spin(program) => {
                let mut command = Command::new(program);
                command.arg("up").arg("--from").arg(manifest);
                command
                    .arg("--state-dir")
                    .arg(application.folder.join("spin-state"));
                command.args(["--max-instance-reuse-count", "1"]);
                command
            }
        };
        command.args(["--listen", &address.to_string()]);
        if runtime.is_file() {
            command.arg("--runtime-config-file").arg(runtime);
        }
        Ok(command)
    }
}

impl Running {
    async fn listening(mut self, address: SocketAddr, log: &Path) -> Result<Started> {
        let began = Instant::now();
        while !self.listens(address, log).await {
            if self.child.try_wait()?.is_some() {
                return Ok(Started::Refused(read(log)));
            }
            if began.elapsed() > START_WAIT {
                bail!("did not listen in {START_WAIT:?}; it said: {}", read(log));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(Started::Running(self))
    }

    /// Ours takes the port before it has looked at the components, and says when it is ready.
    async fn listens(&self, address: SocketAddr, log: &Path) -> bool {
        if self.is_ours {
            return read(log).contains("Listening on ");
        }
        tokio::net::TcpStream::connect(address).await.is_ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // Spin runs its trigger in a process of its own, and ends that only when it is asked to end.
        let asked = !self.is_ours && {
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

pub(crate) fn read(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}
