//! What agents look like for people.

use super::Agent;
use crate::table::Table;
use crate::text::{one_line, printable};
use serde_json::Value;
use std::fmt::Write as _;

/// All agents, one a line.
pub(super) fn table(agents: &[Agent]) -> String {
    let mut table = Table::new(&["AGENT", "TOOLS", "DESCRIPTION"]);
    for agent in agents {
        table.row(&[&agent.id, &tools(agent), &about(agent)]);
    }
    table.render()
}

/// One agent, one fact a line, and the system text of a created one.
pub(super) fn details(agent: &Agent) -> String {
    let persona = agent.said("persona");
    let fact = |key: &str| agent.said(key).or_else(|| persona?.get(key));
    let yes = |key: &str| match fact(key).and_then(Value::as_bool) {
        Some(true) => "yes".to_owned(),
        Some(false) => "no".to_owned(),
        None => "not told".to_owned(),
    };
    let model = fact("model").and_then(Value::as_str);
    let facts = [
        ("agent", agent.id.clone()),
        ("description", about(agent)),
        ("model", model.unwrap_or("the application's").to_owned()),
        ("tools", tools(agent)),
        ("knowledge", yes("knowledge")),
        ("memory", yes("memory")),
        ("created", yes("created")),
    ];
    let mut out = String::new();
    for (name, value) in facts {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name:<11}  {}", one_line(&value));
    }
    if let Some(system) = fact("system").and_then(Value::as_str) {
        let _ = writeln!(out, "\n{}", printable(system.trim_end()));
    }
    out
}

fn about(agent: &Agent) -> String {
    match (&agent.description, agent.said("error").and_then(Value::as_str)) {
        (_, Some(error)) => format!("does not answer: {error}"),
        (Some(description), None) => description.clone(),
        (None, None) => String::new(),
    }
}

fn tools(agent: &Agent) -> String {
    let tools = agent.said("tools").and_then(Value::as_array);
    let name = |tool: &Value| Some(tool.as_str().or_else(|| tool["name"].as_str())?.to_owned());
    let names: Vec<String> = tools.into_iter().flatten().filter_map(name).collect();
    if names.is_empty() {
        return "-".to_owned();
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn agent(value: Value) -> Agent {
        serde_json::from_value(value).expect("an agent")
    }

    #[test]
    fn agents_are_lines() {
        let agents = [
            agent(json!({"id": "researcher", "description": "answers\nwell", "tools": []})),
            agent(json!({"id": "a", "description": null, "error": "no answer"})),
            agent(json!({"id": "b", "description": "counts", "tools": ["calculate", {"name": "clock"}]})),
        ];
        let expected = "\
AGENT       TOOLS             DESCRIPTION
researcher  -                 answers well
a           -                 does not answer: no answer
b           calculate, clock  counts
";
        assert_eq!(table(&agents), expected);
        assert_eq!(table(&[]), "");
    }

    #[test]
    fn a_created_agent_is_shown_with_its_system_text() {
        let shown = details(&agent(json!({
            "id": "b", "description": "counts", "tools": ["calculate"], "knowledge": false, "created": true,
            "persona": {"id": "b", "system": "Count.\n\u{1b}[2J", "model": "m", "memory": true}
        })));
        for expected in [
            "model        m\n",
            "tools        calculate\n",
            "knowledge    no\n",
            "memory       yes\n",
            "created      yes\n",
            "\nCount.\n\u{fffd}[2J\n",
        ] {
            assert!(shown.contains(expected), "{shown}");
        }
    }
}
