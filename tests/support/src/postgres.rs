//! A real PostgreSQL server of a test's own, on a free port and with its files in a temporary folder.

use crate::certificate;
use crate::owned::{as_owner, find, finished, folder, write};
use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const USER: &str = "gyre";
const PASSWORD: &str = "a-password-of-a-test";
const START_WAIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);
/// Another process may take the port between its choice and its use.
const TRIES_MAX: usize = 3;
/// Where Debian keeps them, by version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A PostgreSQL server; it is killed when this is dropped.
pub struct Postgres {
    child: Child,
    port: u16,
    ca: Option<String>,
    _folder: TempDir,
}

impl Postgres {
    /// Starts one without TLS and waits until it listens.
    pub fn start() -> Result<Self> {
        let folder = folder()?;
        initialise(folder.path())?;
        listening(folder, None)
    }

    /// Starts one with a certificate for `localhost`, of an authority of its own.
    pub fn start_with_tls() -> Result<Self> {
        let folder = folder()?;
        initialise(folder.path())?;
        let ca = certificate::make(folder.path())?;
        listening(folder, Some(ca))
    }

    /// Where it listens, with user and password: `postgres://user:password@localhost:port/postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://{USER}:{PASSWORD}@localhost:{}/postgres", self.port)
    }

    /// Where it listens, as `allowed_outbound_hosts` has it.
    #[must_use]
    pub fn host(&self) -> String {
        format!("postgres://localhost:{}", self.port)
    }

    /// The password in the URL, which no message may have.
    #[must_use]
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The certificate of its authority as PEM; empty without TLS.
    #[must_use]
    pub fn ca(&self) -> &str {
        self.ca.as_deref().unwrap_or_default()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A process that is gone needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn initialise(folder: &Path) -> Result<()> {
    let password = write(folder, "password", PASSWORD)?;
    let mut command = program(folder, "initdb")?;
    command
        .args(["--username", USER, "--auth", "scram-sha-256"])
        .args(["--encoding", "UTF8", "--locale", "C", "--no-sync", "--pgdata"])
        .arg(folder.join("data"))
        .arg(format!("--pwfile={}", password.display()));
    finished(command)
}

fn listening(folder: TempDir, ca: Option<String>) -> Result<Postgres> {
    for _try in 0..TRIES_MAX {
        let port = free_port()?;
        let mut child = spawn(folder.path(), port, ca.is_some())?;
        if answers(&mut child, folder.path(), port)? {
            return Ok(Postgres {
                child,
                port,
                ca,
                _folder: folder,
            });
        }
    }
    bail!(
        "postgres ended at once, {TRIES_MAX} times: {}",
        said(folder.path())
    )
}

fn spawn(folder: &Path, port: u16, tls: bool) -> Result<Child> {
    let mut command = program(folder, "postgres")?;
    command.arg("-D").arg(folder.join("data"));
    let mut set = |setting: String| {
        command.args(["-c", &setting]);
    };
    set(format!("port={port}"));
    set("listen_addresses=localhost".to_owned());
    set("unix_socket_directories=".to_owned());
    set("fsync=off".to_owned());
    if tls {
        set("ssl=on".to_owned());
        for (key, file) in [("ssl_cert_file", "server.pem"), ("ssl_key_file", "server.key")] {
            set(format!("{key}={}", folder.join(file).display()));
        }
    }
    let log = std::fs::File::create(folder.join("server.log")).context("cannot make a log file")?;
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn();
    child.context("cannot start postgres")
}

/// Whether it listens; `false` if the process has ended.
fn answers(child: &mut Child, folder: &Path, port: u16) -> Result<bool> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let give_up = Instant::now() + START_WAIT;
    while Instant::now() < give_up {
        if child
            .try_wait()
            .context("cannot look after the server")?
            .is_some()
        {
            return Ok(false);
        }
        // It listens a little before it answers; its log says when.
        if said(folder).contains("ready to accept connections")
            && TcpStream::connect_timeout(&address, POLL).is_ok()
        {
            return Ok(true);
        }
        std::thread::sleep(POLL);
    }
    // It is of no use any more.
    let _ = child.kill();
    let _ = child.wait();
    bail!("postgres did not listen in {START_WAIT:?}: {}", said(folder))
}

fn program(folder: &Path, name: &str) -> Result<Command> {
    let mut places: Vec<PathBuf> = std::fs::read_dir(DEBIAN)
        .map(|versions| {
            versions
                .flatten()
                .map(|version| version.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    places.sort();
    places.reverse();
    places.push("/usr/local/bin".into());
    let path = find(name, &places).with_context(|| {
        format!(
            "{name} is not installed, and this test needs one\nhint: cargo xtask setup --tests, or: apt-get install postgresql"
        )
    })?;
    Ok(as_owner(Command::new(path), folder))
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}

/// What the server wrote, or nothing where it cannot be read.
fn said(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("server.log")).unwrap_or_default()
}
