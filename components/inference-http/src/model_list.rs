//! Which models the server has, and which of them are offered.

use crate::bindings::exports::gyre::inference::types::{Abilities, Error, Model};
use crate::config::Config;
use crate::deadline::Deadline;
use crate::public_text::public;
use crate::refusal;
use crate::upstream::{self, Patience};
use gyre_chat_wire::{Endpoint, ModelEntry, parse_models};
use gyre_clock::within;

/// A list that takes longer would hold up every request: a router asks before each.
const LIST_MS: u64 = 4_000;
const BYTES_MAX: usize = 1024 * 1024;
const MODELS_MAX: usize = 1_000;
const NAME_BYTES_MAX: usize = 256;

/// Asks the server.
pub(crate) async fn list(config: &Config) -> Result<Vec<Model>, Error> {
    let listed = within(LIST_MS, asked(config)).await;
    let stalled = || refusal::stalled("list of models", LIST_MS, "upstream_models");
    let listed = listed.ok_or_else(stalled)?;
    listed.map(|entries| offered(entries, config))
}

async fn asked(config: &Config) -> Result<Vec<ModelEntry>, Error> {
    let patience = Patience {
        first_byte_ms: LIST_MS,
        idle_ms: LIST_MS,
        deadline: Deadline::new(None),
    };
    let answer = upstream::ask(config, Endpoint::Models, Vec::new(), "application/json", patience).await?;
    let body = answer.whole(BYTES_MAX).await?;
    parse_models(&body).map_err(|error| refusal::lie(public(&error.0, config.secret())))
}

/// The models that may be asked for, each once.
fn offered(entries: Vec<ModelEntry>, config: &Config) -> Vec<Model> {
    let mut models: Vec<Model> = Vec::new();
    for entry in entries {
        let wanted = is_name(&entry.id, config.secret()) && config.offers(&entry.id);
        if wanted && models.len() < MODELS_MAX && models.iter().all(|known| known.name != entry.id) {
            models.push(Model {
                abilities: abilities(&entry.abilities),
                name: entry.id,
            });
        }
    }
    models
}

/// Most servers do not say what a model can do; then it may be able to do all.
fn abilities(told: &[String]) -> Abilities {
    let mut abilities = Abilities::empty();
    for (name, flag) in [("chat", Abilities::CHAT), ("embedding", Abilities::EMBEDDING)] {
        if told.is_empty() || told.iter().any(|told| told == name) {
            abilities |= flag;
        }
    }
    abilities
}

/// Whether a text that a server sent can be the name of a model.
pub(crate) fn is_name(text: &str, secret: &str) -> bool {
    let shown = secret.is_empty() || !text.contains(secret);
    shown && !text.is_empty() && text.len() <= NAME_BYTES_MAX && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Values};

    fn names(listed: &[&str], models: &str) -> Vec<String> {
        let values = Values {
            url: "http://a".into(),
            key: "sk-1".into(),
            models: models.into(),
            ..Values::default()
        };
        let config = config::read(&values).unwrap().unwrap();
        let entry = |id: &&str| ModelEntry {
            id: (*id).into(),
            owned_by: String::new(),
            abilities: vec![],
        };
        let offered = offered(listed.iter().map(entry).collect(), &config);
        offered.into_iter().map(|model| model.name).collect()
    }

    #[test]
    fn what_is_offered() {
        let long = "x".repeat(257);
        let listed = ["a", "b", "a", "", "sk-1", "c\n", &long];
        assert_eq!(names(&listed, ""), ["a", "b"]);
        assert_eq!(names(&listed, "b,z"), ["b"]);
    }

    #[test]
    fn what_a_model_can_do() {
        let told =
            |names: &[&str]| abilities(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(told(&["chat"]), Abilities::CHAT);
        assert_eq!(told(&["embedding"]), Abilities::EMBEDDING);
        assert_eq!(told(&[]), Abilities::CHAT | Abilities::EMBEDDING);
    }
}
