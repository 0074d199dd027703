//! Keeps one worker process alive until nobody needs it.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, watch};

use crate::connection::{Connection, Phase};
use crate::wire::{Call, Reply, Request};
use crate::{EngineConfig, EngineError, frame};

const BACKOFF_MIN: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// A worker that lived so long did not die of its start.
const HEALTHY_AFTER: Duration = Duration::from_secs(10);
/// How long a worker may take to end when told.
const END_WAIT: Duration = Duration::from_secs(2);

/// Runs until told to stop, or until every handle is gone.
pub(crate) async fn run(connection: Arc<Connection>, mut stop: watch::Receiver<bool>) {
    let mut backoff = BACKOFF_MIN;
    while !stopping(&stop) {
        let started = Instant::now();
        match spawn(&connection.config) {
            Ok(worker) => {
                serve(&connection, worker, &mut stop).await;
                if stopping(&stop) {
                    break;
                }
                let restarts = connection.restarts.fetch_add(1, Ordering::Relaxed) + 1;
                tracing::warn!(restarts, "the inference worker died and is started again");
            }
            Err(error) => {
                tracing::error!(%error, worker = %connection.config.worker.display(), "no inference worker");
                connection.phase.send_replace(Phase::Unavailable {
                    reason: refusal(&error),
                });
            }
        }
        backoff = if started.elapsed() > HEALTHY_AFTER {
            BACKOFF_MIN
        } else {
            backoff
        };
        tokio::select! {
            () = tokio::time::sleep(backoff) => {}
            _ = stop.changed() => {}
        }
        backoff = (backoff * 2).min(BACKOFF_MAX);
    }
    connection.disconnect(&EngineError::WorkerDied {
        reason: "the engine was shut down".to_owned(),
    });
    connection.phase.send_replace(Phase::Stopped);
}

struct Worker {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

fn spawn(config: &EngineConfig) -> io::Result<Worker> {
    let mut command = Command::new(&config.worker);
    command
        .args(config.arguments())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    // In a group of its own, Ctrl-C reaches the host only, which drains before it ends the worker.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("the worker has no pipes"));
    };
    Ok(Worker { child, stdin, stdout })
}

/// Carries calls and replies until the worker ends or the engine is stopped.
async fn serve(connection: &Connection, worker: Worker, stop: &mut watch::Receiver<bool>) {
    let Worker {
        mut child,
        stdin,
        mut stdout,
    } = worker;
    let (calls, queue) = mpsc::unbounded_channel();
    let writer = tokio::spawn(write_calls(stdin, queue));
    connection.connect(calls.clone());
    connection.phase.send_replace(Phase::Up {
        pid: child.id().unwrap_or_default(),
    });
    let mut reason = "its pipe was closed";
    loop {
        tokio::select! {
            reply = frame::read_async::<Reply, _>(&mut stdout) => match reply {
                Ok(Some(Reply { id, response })) => connection.deliver(id, response),
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%error, "the inference worker's replies cannot be read");
                    reason = "its replies could not be read";
                    break;
                }
            },
            _ = stop.changed() => {
                reason = "the engine was shut down";
                break;
            }
        }
    }
    if stopping(stop) {
        let shutdown = frame::encode(&Call {
            id: 0,
            request: Request::Shutdown,
        });
        calls.send(shutdown.unwrap_or_default()).ok();
    }
    drop(calls);
    // Before the calls in flight learn of it: whoever then calls again waits for the next worker.
    connection.phase.send_replace(Phase::Starting);
    connection.disconnect(&EngineError::WorkerDied {
        reason: reason.to_owned(),
    });
    end(&mut child, stopping(stop)).await;
    writer.abort();
}

/// Waits for a worker that was told to end, and kills any other: no orphan is left.
async fn end(child: &mut Child, told: bool) {
    let wait = if told { END_WAIT } else { Duration::ZERO };
    if tokio::time::timeout(wait, child.wait()).await.is_err()
        && let Err(error) = child.kill().await
    {
        tracing::error!(%error, "the inference worker cannot be ended");
    }
}

async fn write_calls(mut stdin: ChildStdin, mut queue: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(frame) = queue.recv().await {
        if stdin.write_all(&frame).await.is_err() || stdin.flush().await.is_err() {
            return; // The worker ended: its closed stdout tells the reader.
        }
    }
}

fn stopping(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

fn refusal(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        return "the program gyre-engine was not found; run `cargo xtask build`".to_owned();
    }
    format!("the program gyre-engine cannot be started ({})", error.kind())
}
