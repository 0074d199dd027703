//! What an agent is: the file `/persona/persona.json`, or what `api` sends of an agent that was created at run time.

use gyre_agent_loop::{Config, ToolGrant};
use gyre_agent_wire::Problem;
use gyre_chat_wire::{Sampling, ToolChoice};
use serde::{Deserialize, Serialize};

/// Where the file is mounted.
pub const PATH: &str = "/persona/persona.json";

/// Bytes of the file.
const FILE_BYTES_MAX: usize = 256 * 1024;
/// Services with tools that one agent may have.
const TOOLS_MAX: usize = 32;

/// An agent. Absent bounds are the default ones; unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
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
    /// Whether the model may search by itself.
    #[serde(default)]
    pub search_tool: bool,
    /// Tools the model may call: `calculator` is the service `tool-calculator`.
    #[serde(default)]
    pub tools: Vec<String>,
    /// Whether its first completion has to call a tool: `auto`, `required`, or the name of one.
    #[serde(default = "tool_choice")]
    pub tool_choice: String,
    /// Whether it takes part in sessions.
    #[serde(default)]
    pub memory: bool,
    /// Softmax temperature, 0 to 2; the model's own when absent.
    #[serde(default)]
    pub temperature: Option<f32>,
    /// Seed of the choice of words; another one each time when absent.
    #[serde(default)]
    pub seed: Option<u64>,
    /// An adapter (LoRA) of the model, by name; the model as it is when absent.
    #[serde(default)]
    pub adapter: Option<String>,
    /// Messages of a session that the model is given, 1 to 200.
    #[serde(default = "max_history")]
    pub max_history: u32,
    /// Time for one call of a tool, in milliseconds, 1 to 10 minutes.
    #[serde(default = "tool_timeout_ms")]
    pub tool_timeout_ms: u32,
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

fn tool_choice() -> String {
    "auto".to_owned()
}

fn max_history() -> u32 {
    40
}

fn tool_timeout_ms() -> u32 {
    30_000
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
        persona.check_bounds()?;
        if persona.temperature.is_some_and(|it| !(0.0..=2.0).contains(&it)) {
            return Err(wrong("`temperature` must be 0 to 2"));
        }
        persona.check_tools()?;
        Ok(persona)
    }

    fn check_bounds(&self) -> Result<(), Problem> {
        let bounds = [
            ("max_history", self.max_history as usize, 200),
            ("tool_timeout_ms", self.tool_timeout_ms as usize, 600_000),
            ("id", self.id.len(), 64),
            ("tool_choice", self.tool_choice.len(), 64),
            ("adapter", self.adapter.as_ref().map_or(1, String::len), 128),
            ("description", self.description.len(), 4096),
            ("max_steps", self.max_steps as usize, 16),
            ("max_passages", self.max_passages as usize, 50),
            ("max_output_bytes", self.max_output_bytes, 1024 * 1024),
            ("max_tokens", self.max_tokens.unwrap_or(1) as usize, 1024 * 1024),
        ];
        match bounds.iter().find(|(_, value, max)| *value == 0 || value > max) {
            Some((name, value, max)) => Err(wrong(&format!("`{name}` must be 1 to {max}, and is {value}"))),
            None => Ok(()),
        }
    }

    fn check_tools(&self) -> Result<(), Problem> {
        if self.tools.len() > TOOLS_MAX {
            return Err(wrong(&format!(
                "it has {} tools, the limit is {TOOLS_MAX}",
                self.tools.len()
            )));
        }
        let is_name = |tool: &String| {
            let harmless = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            !tool.is_empty() && tool.len() <= 58 && tool.bytes().all(harmless)
        };
        match self.tools.iter().find(|tool| !is_name(tool)) {
            Some(tool) => Err(wrong(&format!(
                "`{}` is not the name of a tool: lower-case letters, digits and -",
                tool.chars().take(64).collect::<String>()
            ))),
            None => Ok(()),
        }
    }

    /// The bounds and instructions of a run with this model and these tools.
    #[must_use]
    pub fn config(&self, model: String, tools: Vec<ToolGrant>) -> Config {
        Config {
            agent: self.id.clone(),
            system: self.system.clone(),
            model,
            knowledge: self.knowledge,
            search_tool: self.search_tool,
            tools,
            tool_choice: match self.tool_choice.as_str() {
                "auto" => ToolChoice::Auto,
                "required" => ToolChoice::Required,
                name => ToolChoice::Tool(name.to_owned()),
            },
            sampling: Sampling {
                temperature: self.temperature,
                seed: self.seed,
                ..Sampling::default()
            },
            history_max: self.max_history,
            passages_max: self.max_passages,
            steps_max: self.max_steps,
            output_bytes_max: self.max_output_bytes,
            tokens_max: self.max_tokens,
            adapter: self.adapter.clone(),
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
        assert!(persona.knowledge && persona.memory && !persona.search_tool && persona.tools.is_empty());
        let persona = Persona::parse(include_bytes!("../personas/assistant/persona.json")).expect("right");
        assert_eq!(persona.id, "assistant");
        assert!(!persona.knowledge && persona.memory && persona.search_tool);
        assert_eq!(persona.tools, ["calculator", "clock"]);
    }

    #[test]
    fn an_adapter_is_the_run_s() {
        let file = br#"{"id":"a","description":"b","system":"c","knowledge":true,"adapter":"poet"}"#;
        let config = Persona::parse(file)
            .expect("right")
            .config("m".into(), Vec::new());
        assert_eq!(config.adapter.as_deref(), Some("poet"));
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
            (
                r#"{"id":"a","description":"b","system":"c","knowledge":true,"adapter":""}"#,
                "`adapter`",
            ),
            (
                r#"{"id":"a","description":"b","system":"c","knowledge":true,"tools":["evil.example/x"]}"#,
                "evil.example/x",
            ),
        ] {
            let problem = Persona::parse(file.as_bytes()).expect_err("wrong");
            assert!(problem.detail.contains(word), "{}", problem.detail);
        }
    }
}
