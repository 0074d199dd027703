//! The frozen specs of the leaf: what models are told, written down by the build.

use gyre_mcp_wire::{Annotations, Tool};
use gyre_tool_specs::{Effects, FILE_BYTES_MAX, FOLDER, FrozenTools, ToolSpec, file_name};

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
#[derive(Debug, Clone, PartialEq)]
pub struct Frozen(FrozenTools);

/// The path of the frozen file of a component.
pub fn path(id: &str) -> Result<String, FrozenError> {
    let kebab = |sign: u8| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-';
    if id.is_empty() || id.len() > 64 || !id.bytes().all(kebab) {
        return Err(FrozenError::Id);
    }
    Ok(format!("{FOLDER}/{}", file_name(id)))
}

impl Frozen {
    /// Reads the bytes of the frozen file of component `id`.
    pub fn parse(id: &str, file: &[u8]) -> Result<Self, FrozenError> {
        FrozenTools::parse(id, file, FILE_BYTES_MAX)
            .map(Self)
            .map_err(|error| FrozenError::Wrong {
                id: id.to_owned(),
                why: error.to_string(),
            })
    }

    /// The tool of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&ToolSpec> {
        self.0.tools.iter().find(|tool| tool.name == name)
    }

    /// The names, for whoever asked for another.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.0.tools.iter().map(|tool| tool.name.as_str()).collect();
        names.join(", ")
    }

    /// As `tools/list` tells of them.
    #[must_use]
    pub fn listed(&self) -> Vec<(Tool, Annotations)> {
        let listed = |spec: &ToolSpec| {
            let tool = Tool {
                name: spec.name.clone(),
                description: spec.description.clone(),
                input_schema: spec.input_schema.clone(),
                output_schema: spec.output_schema.clone(),
            };
            (tool, annotations(spec.effects))
        };
        self.0.tools.iter().map(listed).collect()
    }

    /// Fails when the leaf describes itself in other words than the frozen ones.
    pub fn check(&self, described: &[ToolSpec]) -> Result<(), FrozenError> {
        let what = match described
            .iter()
            .zip(&self.0.tools)
            .find(|(now, frozen)| now != frozen)
        {
            Some((now, _)) => format!("it describes the tool `{}` in another way", now.name),
            None if described.len() != self.0.tools.len() => {
                format!(
                    "it has {} tools, {} are frozen",
                    described.len(),
                    self.0.tools.len()
                )
            }
            None => return Ok(()),
        };
        Err(FrozenError::Differs {
            id: self.0.component.clone(),
            what,
        })
    }
}

/// What clients may believe. A tool that writes may destroy, until there is a way to say that it does not.
fn annotations(effects: Effects) -> Annotations {
    Annotations {
        read_only: effects != Effects::Writes,
        destructive: effects == Effects::Writes,
        idempotent: effects != Effects::Writes,
        open_world: effects != Effects::Pure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

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
        assert_eq!(flags(annotations(Effects::Reads)), (true, false, true, true));
    }

    #[test]
    fn any_difference_from_what_was_frozen_is_found() {
        type Change = fn(&mut Vec<ToolSpec>);
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
            let mut described = frozen().0.tools;
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
