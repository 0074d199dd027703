//! The agents there are: the variable `agents`, names parted by commas.

use gyre_agent_wire::Problem;

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
        let wrong = names.iter().find(|name| !is_name(name));
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

    /// The Spin id of an agent.
    pub fn service(&self, id: &str) -> Result<String, Problem> {
        if self.0.iter().any(|name| name == id) {
            return Ok(format!("agent-{id}"));
        }
        let shown: String = id.chars().take(64).collect();
        let there = if self.0.is_empty() {
            "there are none".to_owned()
        } else {
            self.0.join(", ")
        };
        Err(Problem::new(
            404,
            "unknown-agent",
            format!("there is no agent `{shown}`"),
            format!("ask one of the agents there are: {there}"),
        ))
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= 58
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
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
        assert_eq!(roster.service("coder"), Ok("agent-coder".into()));
        let unknown = roster.service("x").expect_err("unknown");
        assert_eq!(unknown.status, 404);
        assert!(unknown.hint.contains("researcher, coder"));
    }

    #[test]
    fn names_cannot_name_other_hosts() {
        for wrong in ["a.b", "A", "a/b", "a:1", "é"] {
            assert_eq!(Roster::parse(wrong).map_err(|p| p.status), Err(500), "{wrong}");
        }
    }
}
