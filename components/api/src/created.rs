//! The agents made at run time, in the key-value store of this component.

use gyre_agent_wire::Problem;
use serde_json::value::RawValue;
use spin_sdk::key_value::{Error, Store};

use crate::new_agent::{CREATED_MAX, NewAgent, taken, too_many};

/// The label that `key_value_stores` grants.
const LABEL: &str = "default";
/// What the keys of agents begin with.
const PREFIX: &str = "agent/";

/// Where they are kept.
pub(crate) struct Created(Store);

impl Created {
    pub(crate) async fn open() -> Result<Self, Problem> {
        Store::open(LABEL).await.map(Self).map_err(unavailable)
    }

    /// The names, sorted.
    pub(crate) async fn ids(&self) -> Result<Vec<String>, Problem> {
        let keys = self.0.get_keys().await.collect().await.map_err(unavailable)?;
        let mut ids: Vec<String> = keys
            .iter()
            .filter_map(|key| key.strip_prefix(PREFIX))
            .map(str::to_owned)
            .collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// The persona of an agent, if there is one of this name.
    pub(crate) async fn persona(&self, id: &str) -> Result<Option<Box<RawValue>>, Problem> {
        let Some(bytes) = self.0.get(key(id)).await.map_err(unavailable)? else {
            return Ok(None);
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|_| {
            Problem::new(
                500,
                "wrong-persona",
                format!("what is kept of the agent `{id}` is not JSON"),
                format!("remove it and make it anew: DELETE /api/v1/agents/{id}"),
            )
        })
    }

    /// Refuses a name that is taken, and one agent too many.
    pub(crate) async fn check_room(&self, id: &str) -> Result<(), Problem> {
        let ids = self.ids().await?;
        if ids.iter().any(|taken| taken == id) {
            return Err(taken(id));
        }
        if ids.len() >= CREATED_MAX {
            return Err(too_many());
        }
        Ok(())
    }

    pub(crate) async fn add(&self, agent: &NewAgent) -> Result<(), Problem> {
        self.0
            .set(key(&agent.id), agent.persona.get())
            .await
            .map_err(unavailable)
    }

    /// Whether there was one.
    pub(crate) async fn remove(&self, id: &str) -> Result<bool, Problem> {
        let was_there = self.0.exists(key(id)).await.map_err(unavailable)?;
        self.0.delete(key(id)).await.map_err(unavailable)?;
        Ok(was_there)
    }
}

fn key(id: &str) -> String {
    format!("{PREFIX}{id}")
}

fn unavailable(error: Error) -> Problem {
    let (detail, hint) = match error {
        Error::AccessDenied | Error::NoSuchStore => (
            "this component may not open its store of created agents".to_owned(),
            r#"add key_value_stores = ["default"] to [component.api] in spin.toml"#.to_owned(),
        ),
        Error::StoreTableFull => (
            "too many stores are open".to_owned(),
            "ask again in a moment".to_owned(),
        ),
        Error::Other(text) => (
            format!("the store of created agents failed: {text}"),
            "see the log of `gyre up`, and look after the disk of its state folder".to_owned(),
        ),
    };
    Problem::new(503, "agent-store-unavailable", detail, hint)
}
