//! `gyre agent`: who can be asked, and who can be made.

mod persona;
mod render;

use super::{Server, print, print_json};
use crate::cli::{AgentArgs, AgentCreateArgs, AgentListArgs, AgentNameArgs, AgentVerb};
use crate::text::one_line;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);
const PATH: [&str; 3] = ["api", "v1", "agents"];

#[derive(Debug, Serialize, Deserialize)]
struct Agents {
    agents: Vec<Agent>,
}

/// What is shown of an agent; what else the server says is passed on with --json.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Agent {
    id: String,
    /// None when the agent does not answer.
    description: Option<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Agent {
    /// What it says of itself under this name.
    fn said(&self, key: &str) -> Option<&Value> {
        self.more.get(key).filter(|value| !value.is_null())
    }

    /// Whether it keeps conversations; none when it does not say.
    pub(super) fn memory(&self) -> Option<bool> {
        self.said("memory").and_then(Value::as_bool)
    }
}

/// Runs the verb.
pub(crate) async fn run(args: &AgentArgs) -> Result<()> {
    match &args.verb {
        AgentVerb::List(args) => list(args).await,
        AgentVerb::Show(args) => show(args).await,
        AgentVerb::Create(args) => create(args).await,
        AgentVerb::Delete(args) => delete(args).await,
    }
}

async fn list(args: &AgentListArgs) -> Result<()> {
    let found: Agents = Server::new(&args.server.url, TIMEOUT)?.get(&PATH).await?;
    if args.json {
        return print_json(&found);
    }
    print(&render::table(&found.agents))?;
    if found.agents.is_empty() {
        eprintln!("no agents; hint: make one with `gyre agent create FILE`");
    }
    Ok(())
}

/// One agent.
pub(super) async fn fetch(server: &Server, name: &str) -> Result<Agent> {
    Ok(server.get(&[&PATH[..], &[name]].concat()).await?)
}

async fn show(args: &AgentNameArgs) -> Result<()> {
    let agent = fetch(&Server::new(&args.server.url, TIMEOUT)?, &args.name).await?;
    if args.json {
        return print_json(&agent);
    }
    Ok(print(&render::details(&agent))?)
}

async fn create(args: &AgentCreateArgs) -> Result<()> {
    let persona = persona::read(&args.file)?;
    let server = Server::new(&args.server.url, TIMEOUT)?;
    let made: Agent = server.post(&PATH, &persona).await?;
    if args.json {
        return print_json(&made);
    }
    let name = one_line(&made.id);
    print(&format!("created {name}\n"))?;
    eprintln!("hint: ask it with `gyre chat {name}`");
    Ok(())
}

async fn delete(args: &AgentNameArgs) -> Result<()> {
    let server = Server::new(&args.server.url, TIMEOUT)?;
    server
        .delete(&[&PATH[..], &[args.name.as_str()]].concat())
        .await?;
    if args.json {
        return print_json(&json!({ "deleted": args.name }));
    }
    Ok(print(&format!("deleted {}\n", one_line(&args.name)))?)
}
