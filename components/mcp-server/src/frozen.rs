//! The frozen specs of the leaf: what models are told, written down by the build.

use gyre_mcp_wire::{Annotations, Tool};
use serde::Deserialize;
use serde_json::Value;

/// Where the folder is mounted.
const FOLDER: &str = "/tools";
/// Bytes of a frozen file.
const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What went wrong before any tool was called. Operators mend it, not models.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrozenError {
    /// The variable does not name a tool.
    #[error(
        "the variable `tool` names no tool; hint: set it to this component's id, as in tool = \"tool-calculator\""
    )]
    Id,
    /// No frozen file.
    #[error(
        "there is no frozen file {0}; hint: run `cargo xtask build`, and mount components/target/tools at /tools"
    )]
    Missing(String),
    /// A file that cannot be read.
    #[error("the frozen file of {id} is wrong: {why}; hint: run `cargo xtask build`")]
    Wrong {
        /// The component.
        id: String,
        /// What is wrong.
        why: String,
    },
    /// The leaf is not the one that was frozen.
    #[error(
        "{id} is not what was frozen: {what}; hint: run `cargo xtask build`, so that models are told of the tool as it is"
    )]
    Differs {
        /// The component.
        id: String,
        /// The first difference.
        what: String,
    },
}

/// The tools of a component, frozen.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    component: String,
    // Of the leaf's bytes, which this shell cannot see; `cargo xtask tidy` compares it.
    #[serde(rename = "digest")]
    _digest: String,
    tools: Vec<Spec>,
}

/// A tool, frozen or as its leaf describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name.
    pub name: String,
    /// What it does, for models.
    pub description: String,
    /// JSON Schema of its arguments.
    pub input_schema: Value,
    /// JSON Schema of its structured answer.
    pub output_schema: Option<Value>,
    /// What a call changes.
    pub effects: Effects,
}

/// What a call changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effects {
    /// Nothing, and it depends on its arguments only.
    Pure,
    /// Nothing, but it depends on the world.
    Reads,
    /// The world.
    Writes,
}

/// The path of the frozen file of a component.
pub fn path(id: &str) -> Result<String, FrozenError> {
    let kebab = |sign: u8| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-';
    if id.is_empty() || id.len() > 64 || !id.bytes().all(kebab) {
        return Err(FrozenError::Id);
    }
    Ok(format!("{FOLDER}/{id}.json"))
}

impl Frozen {
    /// Reads the bytes of the frozen file of component `id`.
    pub fn parse(id: &str, file: &[u8]) -> Result<Self, FrozenError> {
        let wrong = |why: String| FrozenError::Wrong {
            id: id.to_owned(),
            why,
        };
        if file.len() > FILE_BYTES_MAX {
            return Err(wrong(format!("it is longer than {FILE_BYTES_MAX} bytes")));
        }
        let frozen: Self = serde_json::from_slice(file).map_err(|error| wrong(error.to_string()))?;
        if frozen.component != id {
            return Err(wrong(format!("it is of {}", frozen.component)));
        }
        Ok(frozen)
    }

    /// The tool of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Spec> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// The names, for whoever asked for another.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.tools.iter().map(|tool| tool.name.as_str()).collect();
        names.join(", ")
    }

    /// As `tools/list` tells of them.
    #[must_use]
    pub fn listed(&self) -> Vec<(Tool, Annotations)> {
        let listed = |spec: &Spec| {
            let tool = Tool {
                name: spec.name.clone(),
                description: spec.description.clone(),
                input_schema: spec.input_schema.clone(),
                output_schema: spec.output_schema.clone(),
            };
            (tool, spec.effects.annotations())
        };
        self.tools.iter().map(listed).collect()
    }

    /// Fails when the leaf describes itself in other words than the frozen ones.
    pub fn check(&self, described: &[Spec]) -> Result<(), FrozenError> {
        let what = match described
            .iter()
            .zip(&self.tools)
            .find(|(now, frozen)| now != frozen)
        {
            Some((now, _)) => format!("it describes the tool `{}` in another way", now.name),
            None if described.len() != self.tools.len() => {
                format!(
                    "it has {} tools, {} are frozen",
                    described.len(),
                    self.tools.len()
                )
            }
            None => return Ok(()),
        };
        Err(FrozenError::Differs {
            id: self.component.clone(),
            what,
        })
    }
}

impl Effects {
    /// What clients may believe. A tool that writes may destroy, until there is a way to say that it does not.
    fn annotations(self) -> Annotations {
        Annotations {
            read_only: self != Self::Writes,
            destructive: self == Self::Writes,
            idempotent: self != Self::Writes,
            open_world: self != Self::Pure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn file() -> Value {
        json!({
            "component": "tool-a", "digest": "sha256:00",
            "tools": [
                { "name": "one", "description": "d", "input_schema": { "type": "object" }, "output_schema": null, "effects": "pure" },
                { "name": "two", "description": "d", "input_schema": { "type": "object" }, "output_schema": null, "effects": "writes" },
            ],
        })
    }

    fn frozen() -> Frozen {
        Frozen::parse("tool-a", file().to_string().as_bytes()).expect("right")
    }

    #[test]
    fn ids_are_names_and_never_paths() {
        assert_eq!(
            path("tool-calculator"),
            Ok("/tools/tool-calculator.json".to_owned())
        );
        for id in ["", "..", "a/b", "Tool", &"a".repeat(65)] {
            assert_eq!(path(id), Err(FrozenError::Id), "{id}");
        }
    }

    #[test]
    fn wrong_files_are_refused_with_the_reason() {
        let mut more = file();
        more["more"] = json!(1);
        let mut strange = file();
        strange["tools"][0]["effects"] = json!("magic");
        for (id, file, said) in [
            ("tool-a", "{".to_owned(), "EOF"),
            ("tool-a", more.to_string(), "unknown field `more`"),
            ("tool-a", strange.to_string(), "magic"),
            ("tool-b", file().to_string(), "it is of tool-a"),
        ] {
            let why = Frozen::parse(id, file.as_bytes()).expect_err(said).to_string();
            assert!(why.contains(said) && why.contains("cargo xtask build"), "{why}");
        }
    }

    #[test]
    fn effects_become_annotations() {
        let listed = frozen().listed();
        let flags = |it: Annotations| (it.read_only, it.destructive, it.idempotent, it.open_world);
        assert_eq!(flags(listed[0].1), (true, false, true, false));
        assert_eq!(flags(listed[1].1), (false, true, false, true));
        assert_eq!(flags(Effects::Reads.annotations()), (true, false, true, true));
    }

    #[test]
    fn any_difference_from_what_was_frozen_is_found() {
        type Change = fn(&mut Vec<Spec>);
        let cases: [(Change, Option<&str>); 6] = [
            (|_| {}, None),
            (|it| it[1].description.push('!'), Some("the tool `two`")),
            (|it| it[0].effects = Effects::Reads, Some("the tool `one`")),
            (
                |it| it[0].input_schema["maxProperties"] = json!(1),
                Some("the tool `one`"),
            ),
            (|it| it.truncate(1), Some("has 1 tools, 2 are frozen")),
            (|it| it.swap(0, 1), Some("the tool `two`")),
        ];
        for (change, expected) in cases {
            let mut described = frozen().tools;
            change(&mut described);
            let found = frozen().check(&described).err().map(|error| error.to_string());
            match expected {
                None => assert_eq!(found, None),
                Some(expected) => assert!(
                    found.as_ref().is_some_and(|it| it.contains(expected)),
                    "{found:?}"
                ),
            }
        }
    }
}
