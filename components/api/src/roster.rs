//! The agents there are: the variable `agents`, names parted by commas.

use gyre_agent_wire::Problem;

use crate::names;

/// Agents at most.
const AGENTS_MAX: usize = 256;

/// The names of the agents, in the order of the variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster(Vec<String>);

impl Roster {
    /// Reads the variable.
    pub fn parse(variable: &str) -> Result<Self, Problem> {
        let names: Vec<String> = variable
            .split(',')
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .map(str::to_owned)
            .collect();
        let wrong = names.iter().find(|name| !names::is_agent(name));
        match wrong {
            None if names.len() <= AGENTS_MAX => Ok(Self(names)),
            None => Err(misconfigured(format!("there are more than {AGENTS_MAX} agents"))),
            Some(name) => Err(misconfigured(format!(
                "`{name}` is not a name of lower-case letters, digits and -"
            ))),
        }
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The Spin id of an agent of the roster.
    #[must_use]
    pub fn service(&self, id: &str) -> Option<String> {
        self.0
            .iter()
            .any(|name| name == id)
            .then(|| format!("agent-{id}"))
    }

    /// The problem of an agent that is neither in the roster nor created.
    #[must_use]
    pub fn unknown(&self, id: &str) -> Problem {
        let shown: String = id.chars().take(64).collect();
        let there = self.0.join(", ");
        Problem::new(
            404,
            "unknown-agent",
            format!("there is no agent `{shown}`"),
            format!("ask one of GET /api/v1/agents: {there}, or one that was created by POST /api/v1/agents"),
        )
    }
}

fn misconfigured(detail: String) -> Problem {
    Problem::new(
        500,
        "not-configured",
        detail,
        "mend `agents` under [component.api.variables] in spin.toml",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roster_is_a_list_of_names() {
        let roster = Roster::parse(" researcher, coder ,").expect("names");
        assert_eq!(roster.names(), ["researcher", "coder"]);
        assert_eq!(roster.service("coder"), Some("agent-coder".into()));
        assert_eq!(roster.service("x"), None);
        let unknown = roster.unknown("x");
        assert!(unknown.status == 404 && unknown.hint.contains("researcher, coder"));
    }

    #[test]
    fn names_cannot_name_other_hosts() {
        for wrong in ["a.b", "A", "a/b", "a:1", "é"] {
            assert_eq!(Roster::parse(wrong).map_err(|p| p.status), Err(500), "{wrong}");
        }
    }
}
