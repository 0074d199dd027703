//! Ticks: the host calls `POST /tick` of the components that ask for it, each in its rhythm and never two at once.

use crate::{App, Failure};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use wasmtime_wasi_http::WasiBody;

/// A tick takes so long at most, whatever its component may take for a request.
const TICK_TIME_MAX: Duration = Duration::from_secs(60);
/// A tick that fails again and again waits so many intervals at most.
const BACKOFF_INTERVALS_MAX: u32 = 16;
/// What a tick answers is read so far, and not kept.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

#[derive(Debug, Error)]
enum TickError {
    #[error(transparent)]
    Call(#[from] Failure),
    #[error("its id is no name of a host")]
    Name,
    #[error("it answered {0}")]
    Status(StatusCode),
    #[error("its answer was cut")]
    Cut,
    #[error("it took more than {} s", TICK_TIME_MAX.as_secs())]
    TooLong,
}

/// Ticks until `stop` is true; a tick under way then ends by itself.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut rewired = app.rewired();
    let (mut loops, mut ticking) = (JoinSet::new(), BTreeSet::new());
    loop {
        rewired.borrow_and_update();
        for id in app.ticking() {
            if ticking.insert(id.clone()) {
                loops.spawn(tick_one(Arc::clone(&app), id, stop.clone()));
            }
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            changed = rewired.changed() => if changed.is_err() { break },
            Some(ended) = loops.join_next(), if !loops.is_empty() => match ended {
                Ok(id) => { ticking.remove(&id); }
                Err(error) => tracing::error!(%error, "a component is not ticked any more"),
            },
        }
    }
    while loops.join_next().await.is_some() {}
}

/// Ticks one component until it asks for it no more, or the host stops; gives its id.
async fn tick_one(app: Arc<App>, id: String, mut stop: watch::Receiver<bool>) -> String {
    let mut rewired = app.rewired();
    let (mut from, mut failures) = (Instant::now(), 0);
    loop {
        rewired.borrow_and_update();
        let Some(every) = app.tick_every(&id) else {
            return id;
        };
        let due = from + wait(every, failures);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return id,
            changed = rewired.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return id,
            },
            () = tokio::time::sleep_until(due) => {}
        }
        // One that took longer than its interval waits for a whole one.
        from = if due + every > Instant::now() {
            due
        } else {
            Instant::now()
        };
        match tick(&app, &id).await {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                let next_ms = wait(every, failures).as_millis();
                tracing::warn!(component = %id, failures, next_ms, "a tick failed: {error}");
            }
        }
        app.ticked(&id, failures == 0);
    }
}

/// The wait before the next tick: longer after each failure in a row.
fn wait(every: Duration, failures: u32) -> Duration {
    every * 2_u32.saturating_pow(failures).min(BACKOFF_INTERVALS_MAX)
}

async fn tick(app: &Arc<App>, id: &str) -> Result<(), TickError> {
    let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    // An id of a component is made of words and hyphens.
    *request.uri_mut() = format!("http://{id}.spin.internal/tick")
        .parse()
        .map_err(|_| TickError::Name)?;
    let ticked = async {
        let response = app.tick(id, request).await?;
        let status = response.status();
        read(response.into_body()).await?;
        if status.is_success() {
            Ok(())
        } else {
            Err(TickError::Status(status))
        }
    };
    match tokio::time::timeout(TICK_TIME_MAX, ticked).await {
        Ok(ended) => ended,
        Err(_elapsed) => Err(TickError::TooLong),
    }
}

/// Reads an answer to its end: the sandbox ends with it.
async fn read(mut body: WasiBody) -> Result<(), TickError> {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| TickError::Cut)?;
        bytes += frame.data_ref().map_or(0, |data| data.len());
        if bytes > ANSWER_BYTES_MAX {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_wait_longer_up_to_a_bound() {
        let every = Duration::from_secs(1);
        let waits: Vec<u64> = (0..7).map(|failures| wait(every, failures).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 16, 16]);
        assert_eq!(wait(every, u32::MAX).as_secs(), 16);
    }
}
