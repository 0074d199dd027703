//! The tools of a persona, as they were frozen at build: the files `/tools/tool-<name>.json`.

use std::collections::BTreeSet;

use gyre_agent_loop::ToolGrant;
use gyre_agent_wire::Problem;
use gyre_agent_wire::passage::SEARCH_TOOL;
use gyre_chat_wire::Tool;
use gyre_tool_specs::{FrozenTools, file_name};
use serde_json::value::RawValue;

/// Bytes of one file.
const FILE_BYTES_MAX: usize = 256 * 1024;

/// What an agent with these tools may call. `read` gives the bytes of a file in the folder, none when it is not there.
pub fn grants(tools: &[String], read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Vec<ToolGrant>, Problem> {
    let mut grants = Vec::new();
    for tool in tools {
        let service = format!("tool-{tool}");
        let file = read(&file_name(&service)).ok_or_else(|| missing(tool))?;
        // A schema goes to the model as the text that it is.
        let frozen: FrozenTools<Box<RawValue>> =
            FrozenTools::parse(&service, &file, FILE_BYTES_MAX).map_err(|_| unreadable(tool))?;
        grants.extend(frozen.tools.into_iter().map(|spec| ToolGrant {
            service: service.clone(),
            tool: Tool {
                name: spec.name,
                description: spec.description,
                parameters: spec.input_schema.get().to_owned(),
            },
        }));
    }
    check_names(&grants)?;
    Ok(grants)
}

/// A model calls by name only, so a name means one tool.
fn check_names(grants: &[ToolGrant]) -> Result<(), Problem> {
    let mut names = BTreeSet::from([SEARCH_TOOL]);
    match grants.iter().find(|grant| !names.insert(&grant.tool.name)) {
        None => Ok(()),
        Some(grant) => Err(Problem::new(
            422,
            "ambiguous-tool",
            format!("two tools of this agent have the name `{}`", grant.tool.name),
            format!(
                "leave {} out of the persona's `tools`, or rename its tool",
                grant.service
            ),
        )),
    }
}

fn missing(tool: &str) -> Problem {
    Problem::new(
        422,
        "unknown-tool",
        format!("this agent is to have the tool `{tool}`, and there is no such tool"),
        "name tools that spin.toml has (tool-<name>), and run `cargo xtask build`, which freezes them",
    )
}

fn unreadable(tool: &str) -> Problem {
    Problem::new(
        500,
        "tool-not-frozen",
        format!("what was frozen of the tool `{tool}` cannot be read"),
        "run `cargo xtask build`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALCULATOR: &str = r#"{"component":"tool-calculator","digest":"sha256:00","tools":[
        {"name":"calculate","description":"d","input_schema":{"type":"object"},"output_schema":null,"effects":"pure"}]}"#;

    fn read(file: &str) -> Option<Vec<u8>> {
        match file {
            "tool-calculator.json" | "tool-slide-rule.json" => Some(CALCULATOR.into()),
            "tool-abacus.json" => Some(CALCULATOR.replace("tool-calculator", "tool-abacus").into()),
            "tool-broken.json" => Some(b"{".into()),
            _ => None,
        }
    }

    fn named(names: &[&str]) -> Result<Vec<ToolGrant>, Problem> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        grants(&names, &read)
    }

    #[test]
    fn tools_are_what_was_frozen() {
        let grants = named(&["calculator"]).expect("frozen");
        assert_eq!(grants.len(), 1);
        assert_eq!(grants[0].service, "tool-calculator");
        assert_eq!(grants[0].tool.parameters, r#"{"type":"object"}"#);
        assert_eq!(named(&[]), Ok(vec![]));
    }

    #[test]
    fn what_is_not_frozen_is_refused() {
        for (names, kind) in [
            (&["dance"][..], "unknown-tool"),
            (&["broken"], "tool-not-frozen"),
            (&["slide-rule"], "tool-not-frozen"),
            (&["calculator", "abacus"], "ambiguous-tool"),
        ] {
            let problem = named(names).expect_err("refused");
            assert_eq!(problem.kind(), kind);
            assert!(!problem.hint.is_empty());
        }
    }
}
