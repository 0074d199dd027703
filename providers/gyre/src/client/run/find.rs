//! Which run is meant: its whole id, or the beginning of one.

use super::{PATH, Run, Runs, Server};
use crate::client::Error;
use crate::exit::Usage;
use anyhow::Result;

/// Runs asked for at once.
const PAGE: u32 = 100;
/// Pages looked through.
const PAGES_MAX: u32 = 20;
const NOT_FOUND: u16 = 404;
/// Runs named when several are meant.
const NAMED_MAX: usize = 5;

/// The run with its events.
pub(super) async fn run(server: &Server, given: &str) -> Result<Run> {
    match whole(server, given).await {
        Err(Error::Problem {
            status: NOT_FOUND, ..
        }) if !given.is_empty() => {}
        found => return Ok(found?),
    }
    let ids = beginning_with(server, given).await?;
    match ids.as_slice() {
        // The server's own words say it best.
        [] => Ok(whole(server, given).await?),
        [id] => Ok(whole(server, id).await?),
        [..] => {
            let named = ids[..ids.len().min(NAMED_MAX)].join(", ");
            let what = format!("{} runs begin with {given}: {named}", ids.len());
            Err(Usage::new(what, "write more of the id").into())
        }
    }
}

async fn whole(server: &Server, id: &str) -> Result<Run, Error> {
    server.get(&[&PATH[..], &[id]].concat()).await
}

async fn beginning_with(server: &Server, given: &str) -> Result<Vec<String>, Error> {
    let mut ids = Vec::new();
    let mut offset = 0;
    for _ in 0..PAGES_MAX {
        let query = [("limit", PAGE), ("offset", offset)];
        let page: Runs = server.get_some(&PATH, &query).await?;
        let Some(taken) = u32::try_from(page.runs.len()).ok().filter(|taken| *taken > 0) else {
            break;
        };
        offset += taken;
        let meant = page.runs.into_iter().map(|run| run.id);
        ids.extend(meant.filter(|id| id.starts_with(given)));
    }
    // A run that begins while the pages are read shifts them.
    ids.sort();
    ids.dedup();
    Ok(ids)
}
