//! `gyre session`: conversations that agents remember.

use super::{Server, print, print_json};
use crate::cli::{ListArgs, SessionArgs, SessionNameArgs, SessionVerb};
use crate::table::Table;
use crate::text::{one_line, printable};
use crate::time::{ago, now_ms, utc};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);
const PATH: [&str; 3] = ["api", "v1", "sessions"];

#[derive(Debug, Serialize, Deserialize)]
struct Sessions {
    sessions: Vec<Session>,
}

/// What is shown of a session; what else the server says is passed on with --json.
#[derive(Debug, Serialize, Deserialize)]
struct Session {
    id: String,
    turns: u64,
    created_ms: u64,
    updated_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<Message>>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Message {
    role: String,
    content: String,
    run: Option<String>,
    at_ms: Option<u64>,
}

/// Runs the verb.
pub(crate) async fn run(args: &SessionArgs) -> Result<()> {
    match &args.verb {
        SessionVerb::List(args) => list(args).await,
        SessionVerb::Show(args) => show(args).await,
        SessionVerb::Delete(args) => delete(args).await,
    }
}

async fn list(args: &ListArgs) -> Result<()> {
    let server = Server::new(&args.server.url, TIMEOUT)?;
    let found: Sessions = server.get_some(&PATH, &[("limit", args.limit)]).await?;
    if args.json {
        return print_json(&found);
    }
    print(&table(&found.sessions, now_ms()))?;
    if found.sessions.is_empty() {
        eprintln!(
            "no sessions; hint: begin one with `gyre chat AGENT`, or `gyre chat AGENT INPUT --session NAME`"
        );
    }
    Ok(())
}

async fn show(args: &SessionNameArgs) -> Result<()> {
    let server = Server::new(&args.server.url, TIMEOUT)?;
    let found: Session = server.get(&[&PATH[..], &[args.id.as_str()]].concat()).await?;
    if args.json {
        return print_json(&found);
    }
    Ok(print(&transcript(&found, now_ms()))?)
}

async fn delete(args: &SessionNameArgs) -> Result<()> {
    let server = Server::new(&args.server.url, TIMEOUT)?;
    server.delete(&[&PATH[..], &[args.id.as_str()]].concat()).await?;
    if args.json {
        return print_json(&json!({ "deleted": args.id }));
    }
    Ok(print(&format!("deleted {}\n", one_line(&args.id)))?)
}

fn table(sessions: &[Session], now_ms: u64) -> String {
    let mut table = Table::new(&["SESSION", "TURNS", "UPDATED", "CREATED"]);
    for session in sessions {
        table.row(&[
            &session.id,
            &session.turns.to_string(),
            &ago(session.updated_ms, now_ms),
            &utc(session.created_ms),
        ]);
    }
    table.render()
}

/// Who said what and when, oldest first.
fn transcript(session: &Session, now_ms: u64) -> String {
    let mut out = format!(
        "session  {}\nturns    {}\ncreated  {} ({})\nupdated  {} ({})\n",
        one_line(&session.id),
        session.turns,
        utc(session.created_ms),
        ago(session.created_ms, now_ms),
        utc(session.updated_ms),
        ago(session.updated_ms, now_ms),
    );
    for message in session.messages.as_deref().unwrap_or_default() {
        let when = message.at_ms.map(|at| format!(", {}", ago(at, now_ms)));
        let run = message.run.as_ref().map(|run| format!(", run {}", one_line(run)));
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "\n{}{}{}:",
            one_line(&message.role),
            when.unwrap_or_default(),
            run.unwrap_or_default()
        );
        for line in printable(&message.content).lines() {
            let _ = writeln!(out, "{}", format!("    {line}").trim_end());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        serde_json::from_value(json!({
            "id": "s", "turns": 1, "created_ms": 1_000, "updated_ms": 61_000,
            "messages": [
                {"role": "user", "content": "How?\n\nWhy?", "run": "r", "at_ms": 1_000},
                {"role": "assistant", "content": "So.", "run": null, "at_ms": null},
            ]
        }))
        .expect("a session")
    }

    #[test]
    fn sessions_are_lines() {
        let expected = "\
SESSION  TURNS  UPDATED  CREATED
s        1      1 s ago  1970-01-01 00:00:01 UTC
";
        assert_eq!(table(&[session()], 62_000), expected);
    }

    #[test]
    fn a_session_is_a_transcript() {
        let expected = "\
session  s
turns    1
created  1970-01-01 00:00:01 UTC (1 min ago)
updated  1970-01-01 00:01:01 UTC (1 s ago)

user, 1 min ago, run r:
    How?

    Why?

assistant:
    So.
";
        assert_eq!(transcript(&session(), 62_000), expected);
    }
}
