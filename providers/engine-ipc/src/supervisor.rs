//! Keeps one worker process alive until nobody needs it.

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, watch};

use crate::connection::{Connection, OWN_CALL, Phase};
use crate::health::{self, Health};
use crate::wire::{Call, Reply, Request, Response};
use crate::{EngineConfig, EngineError, frame};

/// How long a worker may take to end when told.
const END_WAIT: Duration = Duration::from_secs(2);

/// Runs until told to stop, or until every handle is gone.
pub(crate) async fn run(connection: Arc<Connection>, mut stop: watch::Receiver<bool>) {
    let mut health = Health::default();
    while !stopping(&stop) {
        let started = Instant::now();
        match spawn(&connection.config) {
            Ok(worker) => {
                let reason = serve(&connection, worker, &mut stop).await;
                if stopping(&stop) {
                    break;
                }
                health.died(started.elapsed());
                let restarts = connection.restarts.fetch_add(1, Ordering::Relaxed) + 1;
                tracing::warn!(restarts, reason, "the inference worker died and is started again");
                if let Some(reason) = health.crash_loop() {
                    connection.phase.send_replace(Phase::Unavailable { reason });
                }
            }
            Err(error) => {
                health.died(Duration::ZERO);
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

/// Carries calls and replies until the worker ends or hangs, or the engine is stopped; says which.
async fn serve(connection: &Connection, worker: Worker, stop: &mut watch::Receiver<bool>) -> &'static str {
    let Worker {
        mut child,
        stdin,
        stdout,
    } = worker;
    let (calls, queue) = mpsc::unbounded_channel();
    let writer = tokio::spawn(write_calls(stdin, queue));
    connection.connect(calls.clone());
    if connection.restarts.load(Ordering::Relaxed) > 0 {
        reload(&connection.config, &calls);
    }
    connection.phase.send_replace(Phase::Up {
        pid: child.id().unwrap_or_default(),
    });
    let heard = AtomicU64::new(0);
    let reason = tokio::select! {
        reason = read_replies(connection, stdout, &heard) => reason,
        reason = health::watch(&calls, &heard, connection.config.answer_wait) => reason,
        _ = stop.changed() => "the engine was shut down",
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
    connection.disconnect(&EngineError::WorkerDied {
        reason: reason.to_owned(),
    });
    end(&mut child, stopping(stop)).await;
    writer.abort();
    reason
}

/// Hands replies to their calls until the pipe ends; says why it did.
async fn read_replies(connection: &Connection, mut stdout: ChildStdout, heard: &AtomicU64) -> &'static str {
    loop {
        match frame::read_async::<Reply, _>(&mut stdout).await {
            Ok(Some(Reply { id, response })) => {
                heard.fetch_add(1, Ordering::Relaxed);
                match response {
                    Response::Stats(stats) if id == OWN_CALL => health::log(&stats),
                    response => connection.deliver(id, response),
                }
            }
            Ok(None) => return "its pipe was closed",
            Err(error) => {
                tracing::error!(%error, "the inference worker's replies cannot be read");
                return "its replies could not be read";
            }
        }
    }
}

/// Has the models that were there before the worker died loaded again, before anybody asks.
fn reload(config: &EngineConfig, calls: &mpsc::UnboundedSender<Vec<u8>>) {
    for model in &config.reload {
        let request = Request::Load { model: model.clone() };
        if let Ok(frame) = frame::encode(&Call {
            id: OWN_CALL,
            request,
        }) {
            // A worker that ended again is started again.
            calls.send(frame).ok();
        }
    }
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
