//! A real Redis server of a test's own, on a free port and with its files in a temporary folder.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PROGRAM: &str = "redis-server";
const START_WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);
const ANSWER_WAIT: Duration = Duration::from_secs(2);
/// Another process may take the port between its choice and its use.
const TRIES_MAX: usize = 3;

/// A Redis server; it is killed when this is dropped.
pub struct Redis {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Redis {
    /// Starts one and waits until it answers. It keeps nothing on disk.
    pub fn start() -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        for _try in 0..TRIES_MAX {
            let port = free_port()?;
            let mut child = spawn(folder.path(), port)?;
            if answers(&mut child, port)? {
                return Ok(Self {
                    child,
                    port,
                    _folder: folder,
                });
            }
        }
        bail!(
            "{PROGRAM} ended at once, {TRIES_MAX} times: {}",
            said(folder.path())
        )
    }

    /// Where it listens: `redis://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // A process that is gone needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}

fn spawn(folder: &Path, port: u16) -> Result<Child> {
    let port = port.to_string();
    let log = std::fs::File::create(folder.join("redis.log")).context("cannot make a log file")?;
    let child = Command::new(PROGRAM)
        .args(["--port", port.as_str(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no"])
        .arg("--dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(Stdio::null())
        .spawn();
    match child {
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "{PROGRAM} is not installed, and this test needs one\nhint: cargo xtask setup --tests, or: apt-get install redis-server"
        ),
        child => child.with_context(|| format!("cannot start {PROGRAM}")),
    }
}

/// Whether it answers; `false` if the process has ended.
fn answers(child: &mut Child, port: u16) -> Result<bool> {
    let give_up = Instant::now() + START_WAIT;
    while Instant::now() < give_up {
        if ping(port) {
            // Another server may have taken the port meanwhile: ours must be the one that lives.
            return Ok(child
                .try_wait()
                .context("cannot look after the server")?
                .is_none());
        }
        if child
            .try_wait()
            .context("cannot look after the server")?
            .is_some()
        {
            return Ok(false);
        }
        std::thread::sleep(POLL);
    }
    // It is of no use any more.
    let _ = child.kill();
    let _ = child.wait();
    bail!("{PROGRAM} did not answer in {START_WAIT:?}")
}

fn ping(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, ANSWER_WAIT) else {
        return false;
    };
    let mut line = String::new();
    stream.set_read_timeout(Some(ANSWER_WAIT)).is_ok()
        && stream.write_all(b"PING\r\n").is_ok()
        && BufReader::new(stream.take(64)).read_line(&mut line).is_ok()
        && line.trim() == "+PONG"
}

/// What the server wrote, or nothing where it cannot be read.
fn said(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("redis.log")).unwrap_or_default()
}
