//! Keeps one worker process alive until nobody needs it.

use std::io;
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, watch};

use crate::connection::{Connection, OWN_CALL, Phase};
use crate::health::{self, Health};
use crate::pulse::{Heard, Patience};
use crate::wire::{Call, Request};
use crate::{EngineConfig, EngineError, exit, frame, reading};

/// How long a worker may take to end when told.
const END_WAIT: Duration = Duration::from_secs(2);
/// How long the last words of a worker that ended are read, and how long one whose pipe ended may take to end.
const LAST_WORDS_WAIT: Duration = Duration::from_millis(250);

/// Runs until told to stop, or until every handle is gone.
pub(crate) async fn run(connection: Arc<Connection>, mut stop: watch::Receiver<bool>) {
    let mut health = Health::default();
    let mut again = Vec::new();
    while !stopping(&stop) {
        let started = Instant::now();
        match spawn(&connection.config) {
            Ok(worker) => {
                let reason;
                (reason, again) = serve(&connection, worker, &again, &mut stop).await;
                if stopping(&stop) {
                    break;
                }
                health.died(started.elapsed(), &reason);
                let restarts = connection.restarts.fetch_add(1, Ordering::Relaxed) + 1;
                tracing::warn!(restarts, reason, "the inference worker died and is started again");
                if let Some(reason) = health.crash_loop() {
                    connection.phase.send_replace(Phase::Unavailable { reason });
                }
            }
            Err(error) => {
                health.died(Duration::ZERO, "it cannot be started");
                tracing::error!(%error, worker = %connection.config.worker.display(), "no inference worker");
                connection.phase.send_replace(Phase::Unavailable {
                    reason: refusal(&error),
                });
            }
        }
        tokio::select! {
            () = tokio::time::sleep(health.backoff()) => {}
            _ = stop.changed() => {}
        }
    }
    connection.disconnect(&EngineError::WorkerDied {
        reason: "the engine was shut down".to_owned(),
    });
    connection.phase.send_replace(Phase::Stopped);
}

/// Left alone, glibc learns from each large block that is freed to keep larger ones, of up to 32 MiB: an ONNX encoder that
/// read long texts held 1 GB of freed tensors, with these bounds 0.1 GB. Blocks from 4 MiB on go back at once; what a step
/// takes again and again is smaller and stays.
const ALLOCATOR: [(&str, &str); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", "4194304"),
    ("MALLOC_TRIM_THRESHOLD_", "8388608"),
];

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
        // Where a debugger is installed, ggml has it write a backtrace of an abort to stdout, which is the wire, and keeps
        // the dying worker for seconds.
        .env("GGML_NO_BACKTRACE", "1")
        .envs(ALLOCATOR)
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

/// Carries calls and replies until the worker ends or hangs, or the engine is stopped; says which, and which models it had.
async fn serve(
    connection: &Connection,
    worker: Worker,
    again: &[String],
    stop: &mut watch::Receiver<bool>,
) -> (String, Vec<String>) {
    let Worker {
        mut child,
        stdin,
        stdout,
    } = worker;
    let (calls, queue) = mpsc::unbounded_channel();
    let writer = tokio::spawn(write_calls(stdin, queue));
    connection.connect(calls.clone());
    connection.reload(again);
    connection.phase.send_replace(Phase::Up {
        pid: child.id().unwrap_or_default(),
    });
    let heard = Heard::default();
    let reason = {
        let mut replies = pin!(reading::replies(connection, stdout, &heard));
        tokio::select! {
            broken = &mut replies => match broken {
                Some(reason) => reason.to_owned(),
                None => closed(&mut child).await,
            },
            status = child.wait() => {
                // What it said before its end counts.
                tokio::time::timeout(LAST_WORDS_WAIT, replies).await.ok();
                status.map_or_else(|_| "it ended".to_owned(), exit::told)
            },
            hung = health::watch(&calls, &heard, Patience::of(&connection.config)) => hung,
            _ = stop.changed() => "the engine was shut down".to_owned(),
        }
    };
    if stopping(stop) {
        let shutdown = frame::encode(&Call {
            id: OWN_CALL,
            request: Request::Shutdown,
        });
        calls.send(shutdown.unwrap_or_default()).ok();
    }
    drop(calls);
    // Before the calls in flight learn of it: whoever then calls again waits for the next worker.
    connection.phase.send_replace(Phase::Starting);
    let had = connection.disconnect(&EngineError::WorkerDied {
        reason: reason.clone(),
    });
    end(&mut child, stopping(stop)).await;
    writer.abort();
    (reason, with_configured(had, &connection.config))
}

/// Why the worker's pipe ended: it did, as a rule.
async fn closed(child: &mut Child) -> String {
    match tokio::time::timeout(LAST_WORDS_WAIT, child.wait()).await {
        Ok(Ok(status)) => exit::told(status),
        _ => "its pipe was closed".to_owned(),
    }
}

/// What is loaded before anybody asks: the models the worker had, and those it is to have in any case.
fn with_configured(had: Vec<String>, config: &EngineConfig) -> Vec<String> {
    let mut again = config.reload.clone();
    again.extend(had.into_iter().filter(|model| !config.reload.contains(model)));
    again
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
