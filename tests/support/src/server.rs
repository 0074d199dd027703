//! A running `gyre up`.

use crate::artefacts;
use crate::setup::Setup;
use crate::sse::Events;
use anyhow::{Context, Result, bail};
use reqwest::{Client, Response};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, oneshot};

/// Compiling every component on a slow machine, with room.
const START_WAIT: Duration = Duration::from_secs(240);
const ANSWER_WAIT: Duration = Duration::from_secs(60);
const LOG_WAIT: Duration = Duration::from_secs(10);
const LOG_POLL: Duration = Duration::from_millis(50);
const ANNOUNCEMENT: &str = "Listening on ";

/// One server starts at a time, so that each component is compiled once.
static STARTING: AsyncMutex<()> = AsyncMutex::const_new(());

/// A server of this test's own; it is killed when this is dropped.
pub struct Server {
    pub(crate) child: Child,
    url: String,
    stderr: Arc<Mutex<String>>,
    http: Client,
    /// What it was started with.
    pub setup: Setup,
}

impl Server {
    pub(crate) async fn start(setup: Setup) -> Result<Self> {
        let _one = STARTING.lock().await;
        let (child, stdout, stderr) = spawn(&setup)?;
        let mut server = Self {
            child,
            url: String::new(),
            stderr,
            http: crate::client(ANSWER_WAIT)?,
            setup,
        };
        server.listening(stdout).await?;
        Ok(server)
    }

    /// Kills the process and starts another on the same state: what was kept is what was written.
    pub async fn restart(&mut self) -> Result<()> {
        self.kill();
        let _one = STARTING.lock().await;
        let (child, stdout, stderr) = spawn(&self.setup)?;
        (self.child, self.stderr) = (child, stderr);
        self.listening(stdout).await
    }

    async fn listening(&mut self, stdout: ChildStdout) -> Result<()> {
        let server = self;
        match tokio::time::timeout(START_WAIT, announced(stdout)).await {
            Ok(Ok(url)) => server.url = url,
            Ok(Err(_)) => {
                server.read_whole().await;
                bail!("gyre ended without listening; its stderr:\n{}", server.stderr())
            }
            Err(_) => bail!(
                "gyre did not listen in {START_WAIT:?}; its stderr:\n{}",
                server.stderr()
            ),
        }
        Ok(())
    }

    fn kill(&mut self) {
        // Its worker sees its pipe closed and ends by itself. A process that is gone needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to stderr so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until its stderr is read to the end: stdout's may be seen first. Whoever reads holds the text until then.
    async fn read_whole(&self) {
        let read = async {
            while Arc::strong_count(&self.stderr) > 1 {
                tokio::time::sleep(LOG_POLL).await;
            }
        };
        // Another process may hold it open; then what came so far is told.
        let _ = tokio::time::timeout(LOG_WAIT, read).await;
    }

    /// Whether it logs this within a while: a log is read a little after it is written.
    pub async fn logs(&self, text: &str) -> bool {
        let logged = async {
            while !self.stderr().contains(text) {
                tokio::time::sleep(LOG_POLL).await;
            }
        };
        tokio::time::timeout(LOG_WAIT, logged).await.is_ok()
    }

    /// Where the host serves its metrics, once it has said so.
    pub async fn admin(&self) -> Result<String> {
        const SAID: &str = "/metrics, /ready and /live on ";
        anyhow::ensure!(self.logs(SAID).await, "no admin address: {}", self.stderr());
        let stderr = self.stderr();
        let line = stderr.lines().find_map(|line| line.split_once(SAID));
        Ok(line.context("no admin address")?.1.trim().to_owned())
    }

    /// The client that every request is made with.
    #[must_use]
    pub fn http(&self) -> &Client {
        &self.http
    }

    /// GETs JSON with its status.
    pub async fn get(&self, path: &str) -> Result<(u16, Value)> {
        let answer = self.http.get(self.url(path)).send().await;
        json(self.told(answer, path)?).await
    }

    /// POSTs JSON, gets JSON with its status.
    pub async fn post(&self, path: &str, body: &Value) -> Result<(u16, Value)> {
        let answer = self.http.post(self.url(path)).json(body).send().await;
        json(self.told(answer, path)?).await
    }

    /// DELETEs; gives the status.
    pub async fn delete(&self, path: &str) -> Result<u16> {
        let answer = self.http.delete(self.url(path)).send().await;
        Ok(self.told(answer, path)?.status().as_u16())
    }

    /// POSTs JSON and reads the answer as server-sent events.
    pub async fn stream(&self, path: &str, body: &Value) -> Result<Events> {
        let answer = self.http.post(self.url(path)).json(body).send().await;
        let answer = self.told(answer, path)?;
        if !answer.status().is_success() {
            let (status, body) = json(answer).await?;
            bail!("{path}: {status} instead of a stream: {body}");
        }
        Ok(Events::new(answer))
    }

    fn told(&self, answer: reqwest::Result<Response>, path: &str) -> Result<Response> {
        answer.with_context(|| format!("no answer from {path}; the server's stderr:\n{}", self.stderr()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A new process, its stdout, and its stderr as it comes.
fn spawn(setup: &Setup) -> Result<(Child, ChildStdout, Arc<Mutex<String>>)> {
    let mut child = Command::new(artefacts::host()?)
        .args(setup.arguments())
        .env("GYRE_LOG", "info")
        .envs(setup.environment.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start gyre")?;
    let stdout = child.stdout.take().context("no stdout to read")?;
    let stderr = keep(child.stderr.take().context("no stderr to read")?);
    Ok((child, stdout, stderr))
}

async fn json(answer: Response) -> Result<(u16, Value)> {
    let status = answer.status().as_u16();
    let text = answer.text().await.context("the answer was cut")?;
    let value = serde_json::from_str(&text).with_context(|| format!("{status}: not JSON: {text}"))?;
    Ok((status, value))
}

/// The URL in the line that says where it listens; stdout is read on to its end.
fn announced(stdout: impl Read + Send + 'static) -> oneshot::Receiver<String> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut sender = Some(sender);
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(url) = line.strip_prefix(ANNOUNCEMENT)
                && let Some(sender) = sender.take()
            {
                // The test may have given up.
                let _ = sender.send(url.trim().to_owned());
            }
        }
    });
    receiver
}

fn keep(stderr: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let kept = Arc::new(Mutex::new(String::new()));
    let shared = kept.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let mut text = shared.lock().unwrap_or_else(PoisonError::into_inner);
            text.push_str(&line);
            text.push('\n');
        }
    });
    kept
}
