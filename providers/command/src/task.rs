//! A program on a task of its own: it ends by itself, by its time limit, or because it is told to.

use crate::component::Command;
use crate::error::Error;
use crate::module::Module;
use crate::outcome::{self, Ended};
use crate::{Limits, nn};
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};

/// A program that is compiled and linked.
pub(crate) enum Guest {
    Component(Command),
    Module(Module),
}

type Returned = wasmtime::Result<Result<(), ()>>;

/// Runs the program; dropping the future ends it.
pub(crate) async fn run(
    guest: Guest,
    file: &Path,
    limits: Limits,
    stopping: watch::Sender<bool>,
    stop: impl Future<Output = ()>,
) -> Result<Ended, Error> {
    let mut task = End {
        task: tokio::spawn(async move {
            match guest {
                Guest::Component(command) => command.run().await,
                Guest::Module(module) => module.run().await,
            }
        }),
        stopping,
    };
    tokio::select! {
        ended = &mut task.task => of_task(file, ended),
        limit_ms = over(limits.time_ms_max) => Err(Error::Timeout { path: file.to_owned(), limit_ms }),
        () = stop => Ok(Ended::Stopped),
    }
}

/// Waits until the time is over, and says how long that was.
async fn over(time_ms_max: Option<u64>) -> u64 {
    match time_ms_max {
        Some(limit_ms) => {
            tokio::time::sleep(Duration::from_millis(limit_ms)).await;
            limit_ms
        }
        None => std::future::pending().await,
    }
}

fn of_task(file: &Path, ended: Result<Returned, JoinError>) -> Result<Ended, Error> {
    match ended {
        Ok(result) => outcome::of_result(file, result),
        Err(error) => match error.try_into_panic() {
            Ok(panic) if nn::is_bad_pointer(panic.as_ref()) => Err(Error::Trapped {
                path: file.to_owned(),
                what: "it gave wasi_ephemeral_nn a pointer outside its memory, or a text that is not UTF-8"
                    .to_owned(),
                at: String::new(),
            }),
            // A bug of ours stays one.
            Ok(panic) => std::panic::resume_unwind(panic),
            // Nobody but this future ends the task.
            Err(_aborted) => Ok(Ended::Stopped),
        },
    }
}

/// Ends the task when it is dropped; a call of an engine that holds its thread is told to give up.
struct End {
    task: JoinHandle<Returned>,
    stopping: watch::Sender<bool>,
}

impl Drop for End {
    fn drop(&mut self) {
        // Nobody listens where there is no model.
        let _ = self.stopping.send(true);
        self.task.abort();
    }
}
