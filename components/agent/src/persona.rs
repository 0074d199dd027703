//! What an agent is: the file `/persona/persona.json`.

use gyre_agent_loop::Config;
use gyre_agent_wire::Problem;
use serde::Deserialize;

/// Where the file is mounted.
pub const PATH: &str = "/persona/persona.json";

/// Bytes of the file.
const FILE_BYTES_MAX: usize = 256 * 1024;

/// An agent. Absent bounds are the default ones; unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// Its name.
    pub id: String,
    /// What it is good for, for people.
    pub description: String,
    /// Its instructions, for the model.
    pub system: String,
    /// Whether it retrieves before it answers.
    pub knowledge: bool,
    /// Whether the model may search again by itself.
    #[serde(default)]
    pub search_again: bool,
    /// Completions of one run, 1 to 16.
    #[serde(default = "max_steps")]
    pub max_steps: u32,
    /// Passages of one search, 1 to 50.
    #[serde(default = "max_passages")]
    pub max_passages: u32,
    /// Bytes of one answer, 1 to 1 MiB.
    #[serde(default = "max_output_bytes")]
    pub max_output_bytes: usize,
    /// Tokens of one completion; the model's own bound when absent.
    #[serde(default)]
    pub max_tokens: Option<u32>,
}

fn max_steps() -> u32 {
    4
}

fn max_passages() -> u32 {
    5
}

fn max_output_bytes() -> usize {
    64 * 1024
}

impl Persona {
    /// Reads and checks the file's bytes.
    pub fn parse(file: &[u8]) -> Result<Self, Problem> {
        if file.len() > FILE_BYTES_MAX {
            return Err(wrong(&format!("it is longer than {FILE_BYTES_MAX} bytes")));
        }
        let persona: Self = serde_json::from_slice(file).map_err(|error| wrong(&error.to_string()))?;
        let bounds = [
            ("id", persona.id.len(), 64),
            ("description", persona.description.len(), 4096),
            ("max_steps", persona.max_steps as usize, 16),
            ("max_passages", persona.max_passages as usize, 50),
            ("max_output_bytes", persona.max_output_bytes, 1024 * 1024),
            (
                "max_tokens",
                persona.max_tokens.unwrap_or(1) as usize,
                1024 * 1024,
            ),
        ];
        match bounds.iter().find(|(_, value, max)| *value == 0 || value > max) {
            Some((name, value, max)) => Err(wrong(&format!("`{name}` must be 1 to {max}, and is {value}"))),
            None => Ok(persona),
        }
    }

    /// The bounds and instructions of a run with this model.
    #[must_use]
    pub fn config(&self, model: String) -> Config {
        Config {
            agent: self.id.clone(),
            system: self.system.clone(),
            model,
            knowledge: self.knowledge,
            search_again: self.search_again,
            passages_max: self.max_passages,
            steps_max: self.max_steps,
            output_bytes_max: self.max_output_bytes,
            tokens_max: self.max_tokens,
        }
    }
}

/// The problem of a persona that is not there.
#[must_use]
pub fn missing() -> Problem {
    let hint = format!(
        "mount a folder with persona.json at /persona: `files` of this component in spin.toml ({PATH})"
    );
    Problem::new(500, "no-persona", "this agent has no persona file", hint)
}

fn wrong(why: &str) -> Problem {
    let hint = "mend persona.json; components/agent/README.md lists its keys";
    Problem::new(
        500,
        "wrong-persona",
        format!("the persona file of this agent is wrong: {why}"),
        hint,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_personas_of_this_repository_are_right() {
        let persona = Persona::parse(include_bytes!("../personas/researcher/persona.json")).expect("right");
        assert_eq!(persona.id, "researcher");
        assert!(persona.knowledge && !persona.search_again);
    }

    #[test]
    fn wrong_personas_are_refused_with_the_reason() {
        for (file, word) in [
            ("", "EOF"),
            (
                r#"{"id":"a","description":"b","system":"c","knowledge":true,"modle":1}"#,
                "unknown field `modle`",
            ),
            (
                r#"{"id":"a","description":"b","system":"c"}"#,
                "missing field `knowledge`",
            ),
            (
                r#"{"id":"","description":"b","system":"c","knowledge":true}"#,
                "`id`",
            ),
            (
                r#"{"id":"a","description":"b","system":"c","knowledge":true,"max_steps":17}"#,
                "`max_steps`",
            ),
        ] {
            let problem = Persona::parse(file.as_bytes()).expect_err("wrong");
            assert!(problem.detail.contains(word), "{}", problem.detail);
        }
    }
}
