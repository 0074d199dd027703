//! The running `gyre up`: its output, its readiness, its end.

use crate::exit;
use crate::process;
use crate::repository::Repository;
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// The first start compiles every component, so it may take a while.
const READY_TIMEOUT: Duration = Duration::from_secs(180);
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const HEALTH_TIMEOUT: Duration = Duration::from_secs(5);

/// A started `gyre up`.
pub(super) struct Server {
    child: Child,
    urls: Receiver<String>,
}

/// What became of a start.
pub(super) enum Ready {
    /// It answers at this URL.
    At(String),
    /// It ended before it answered, with this code.
    Ended(u8),
}

impl Server {
    /// Starts it in a process group of its own, so that Ctrl-C reaches it once: from here.
    pub(super) fn start(repository: &Repository, gyre: &Path, arguments: &[OsString]) -> Result<Self> {
        let mut command = Command::new(gyre);
        command
            .current_dir(&repository.root)
            .args(arguments)
            .stdout(Stdio::piped())
            .process_group(0);
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {}", process::shown(&command)))?;
        let pid = child.id().to_string();
        // Each Ctrl-C is passed on: the first drains, what a second means is for `gyre up` to say.
        ctrlc::set_handler(move || {
            process::succeeds(Command::new("kill").args(["-INT", &pid]));
        })
        .context("cannot pass Ctrl-C on")?;
        let stdout = child.stdout.take().context("no stdout to read")?;
        let (sender, urls) = channel();
        std::thread::spawn(move || relay(stdout, |url| drop(sender.send(url))));
        Ok(Self { child, urls })
    }

    /// Waits until it has printed its URL and answers there.
    pub(super) fn wait_until_ready(&mut self) -> Result<Ready> {
        let deadline = Instant::now() + READY_TIMEOUT;
        let mut url = None;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().context("cannot watch gyre")? {
                return Ok(Ready::Ended(code(status)));
            }
            match self.urls.try_recv() {
                Ok(found) => url = url.or(Some(found)),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
            }
            if let Some(url) = url.as_ref().filter(|url| answers(url)) {
                return Ok(Ready::At(url.clone()));
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        eprintln!("error: gyre did not answer within {} s", READY_TIMEOUT.as_secs());
        eprintln!("hint: its messages above say why; `gyre doctor` checks the rest");
        self.child.kill().context("cannot stop gyre")?;
        self.child.wait().context("cannot wait for gyre")?;
        Ok(Ready::Ended(exit::UNAVAILABLE))
    }

    /// Waits for its end and returns its exit code.
    pub(super) fn wait(mut self) -> Result<u8> {
        let status = self.child.wait().context("cannot wait for gyre")?;
        Ok(code(status))
    }
}

/// Passes the server's stdout on, line by line, and reports each URL in it.
fn relay(stdout: ChildStdout, found: impl Fn(String)) {
    for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        if let Some(url) = url_in(&line) {
            found(url);
        }
    }
}

/// The first http URL of a line, without a trailing slash.
fn url_in(line: &str) -> Option<String> {
    let url = &line[line.find("http://")?..];
    let end = url
        .find(|sign: char| sign.is_whitespace() || sign.is_control())
        .unwrap_or(url.len());
    Some(url[..end].trim_end_matches(['/', '.', ',']).to_owned())
}

/// Whether GET /health gives 200.
fn answers(url: &str) -> bool {
    url.strip_prefix("http://")
        .is_some_and(|authority| health(authority).is_ok_and(|healthy| healthy))
}

fn health(authority: &str) -> std::io::Result<bool> {
    let address = authority
        .to_socket_addrs()?
        .next()
        .ok_or(std::io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, HEALTH_TIMEOUT)?;
    stream.set_read_timeout(Some(HEALTH_TIMEOUT))?;
    let request = format!("GET /health HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    Ok(start.starts_with(b"HTTP/1.") && start.ends_with(b" 200"))
}

/// The exit code; a signal counts as in a shell.
fn code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(exit::FAILED)
}

#[cfg(test)]
mod tests {
    use super::{answers, url_in};
    use std::io::{Read, Write};

    #[test]
    fn finds_the_url_that_was_announced() {
        for (line, expected) in [
            (
                "Gyre listens on http://127.0.0.1:3000",
                Some("http://127.0.0.1:3000"),
            ),
            ("http://[::1]:3000/ is up", Some("http://[::1]:3000")),
            (
                "\u{1b}[1mhttp://localhost:80\u{1b}[0m",
                Some("http://localhost:80"),
            ),
            ("starting", None),
        ] {
            assert_eq!(url_in(line).as_deref(), expected, "{line:?}");
        }
    }

    #[test]
    fn only_a_200_counts_as_an_answer() {
        for (status, expected) in [("200 OK", true), ("503 Service Unavailable", false)] {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
            let url = format!("http://{}", listener.local_addr().expect("an address"));
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().expect("a client");
                let _ = stream.read(&mut [0; 512]).expect("a request");
                // In one piece: the client leaves as soon as it has read the status.
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).expect("an answer");
            });
            assert_eq!(answers(&url), expected, "{status}");
            server.join().expect("the server ends");
            assert!(!answers(&url), "nobody listens any more");
        }
    }
}
