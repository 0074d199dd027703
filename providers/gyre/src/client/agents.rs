//! `gyre agents`: who can be asked.

use super::{Server, print, print_json};
use crate::cli::AgentsArgs;
use crate::text::one_line;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Serialize, Deserialize)]
struct Agents {
    agents: Vec<Agent>,
}

/// What is shown of an agent; what else the server says is passed on with --json.
#[derive(Debug, Serialize, Deserialize)]
struct Agent {
    id: String,
    #[serde(default)]
    description: String,
    #[serde(flatten)]
    more: serde_json::Map<String, serde_json::Value>,
}

/// Runs the verb.
pub(crate) async fn run(args: &AgentsArgs) -> Result<()> {
    let found: Agents = Server::new(&args.server.url, TIMEOUT)?
        .get(&["api", "v1", "agents"])
        .await?;
    if args.json {
        return print_json(&found);
    }
    print(&table(&found.agents))?;
    if found.agents.is_empty() {
        eprintln!("no agents; hint: add one to spin.toml and to the variable `agents` of component api");
    }
    Ok(())
}

fn table(agents: &[Agent]) -> String {
    let width = agents
        .iter()
        .map(|agent| agent.id.chars().count())
        .max()
        .unwrap_or(0);
    agents
        .iter()
        .map(|agent| {
            format!("{:width$}  {}", one_line(&agent.id), one_line(&agent.description))
                .trim_end()
                .to_owned()
                + "\n"
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_aligned() {
        let json = r#"{"agents":[{"id":"researcher","description":"answers\nfrom documents"},{"id":"a","tools":[]}]}"#;
        let found: Agents = serde_json::from_str(json).expect("agents");
        assert_eq!(table(&found.agents), "researcher  answers from documents\na\n");
        assert_eq!(table(&[]), "");
    }
}
