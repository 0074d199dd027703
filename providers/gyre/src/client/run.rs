//! `gyre run list` and `show`: what agents did.

mod find;
mod timeline;

use super::{Server, print, print_json};
use crate::cli::{ListArgs, RunShowArgs, RunVerb};
use crate::table::Table;
use crate::time::{ago, now_ms};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);
const PATH: [&str; 3] = ["api", "v1", "runs"];

#[derive(Debug, Serialize, Deserialize)]
struct Runs {
    runs: Vec<Run>,
}

/// What is shown of a run; what else the server says is passed on with --json.
#[derive(Debug, Serialize, Deserialize)]
struct Run {
    id: String,
    agent: Option<String>,
    status: Option<String>,
    started_ms: Option<u64>,
    updated_ms: Option<u64>,
    model: Option<String>,
    error: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    events: Option<Vec<Happened>>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// An event of a run's record.
#[derive(Debug, Serialize, Deserialize)]
struct Happened {
    #[serde(default)]
    sequence: u64,
    at_ms: u64,
    kind: String,
    #[serde(default)]
    body: Value,
}

/// Runs the verb.
pub(crate) async fn run(verb: &RunVerb) -> Result<()> {
    match verb {
        RunVerb::List(args) => list(args).await,
        RunVerb::Show(args) => show(args).await,
    }
}

async fn list(args: &ListArgs) -> Result<()> {
    let server = Server::new(&args.server.url, TIMEOUT)?;
    let found: Runs = server.get_some(&PATH, &[("limit", args.limit)]).await?;
    if args.json {
        return print_json(&found);
    }
    print(&table(&found.runs, now_ms()))?;
    if found.runs.is_empty() {
        eprintln!("no runs; hint: ask an agent with `gyre chat`");
    }
    Ok(())
}

async fn show(args: &RunShowArgs) -> Result<()> {
    let server = Server::new(&args.server.url, TIMEOUT)?;
    let found = find::run(&server, &args.id).await?;
    if args.json {
        return print_json(&found);
    }
    Ok(print(&timeline::render(&found, now_ms()))?)
}

fn table(runs: &[Run], now_ms: u64) -> String {
    let mut table = Table::new(&["RUN", "AGENT", "STATUS", "STARTED", "MODEL"]);
    for run in runs {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let started = run
            .started_ms
            .map_or_else(|| "-".to_owned(), |at| ago(at, now_ms));
        let why = run.why().map(|why| format!(" ({why})")).unwrap_or_default();
        table.row(&[
            &run.id,
            &or_dash(&run.agent),
            &or_dash(&run.status),
            &started,
            &format!("{}{why}", or_dash(&run.model)),
        ]);
    }
    table.render()
}

impl Run {
    /// Why it failed.
    fn why(&self) -> Option<String> {
        let error = self.error.as_ref().filter(|error| !error.is_null())?;
        let said = ["message", "detail", "kind"]
            .iter()
            .find_map(|key| error[*key].as_str())
            .or_else(|| error.as_str());
        Some(said.map_or_else(|| error.to_string(), str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn runs_are_lines_newest_first() {
        let runs: Runs = serde_json::from_value(json!({"runs": [
            {"id": "b-2", "agent": "researcher", "status": "failed", "started_ms": 60_000, "updated_ms": 61_000,
             "model": null, "error": {"kind": "internal", "message": "it broke"}},
            {"id": "a-1", "agent": "c", "status": "done", "started_ms": 0, "updated_ms": 1, "model": "m", "error": null},
        ]}))
        .expect("runs");
        let expected = "\
RUN  AGENT       STATUS  STARTED    MODEL
b-2  researcher  failed  2 min ago  - (it broke)
a-1  c           done    3 min ago  m
";
        assert_eq!(table(&runs.runs, 180_000), expected);
    }
}
