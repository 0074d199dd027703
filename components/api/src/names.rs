//! Which names of agents, sessions and runs are good.

use gyre_agent_wire::Problem;

/// Characters of an agent's name: `agent-<name>` is a host's label.
const AGENT_CHARS_MAX: usize = 58;
/// Characters of a session's name.
const SESSION_CHARS_MAX: usize = 128;
/// Characters of a run's id.
const RUN_CHARS_MAX: usize = 64;

/// Whether this can name an agent.
#[must_use]
pub fn is_agent(name: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    is_of(name, AGENT_CHARS_MAX, good)
}

/// Refuses what cannot name a session.
pub fn check_session(name: &str) -> Result<(), Problem> {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if is_of(name, SESSION_CHARS_MAX, good) {
        return Ok(());
    }
    Err(Problem::new(
        422,
        "wrong-session",
        "the name of the session is not 1 to 128 letters, digits, `.`, `_` or `-`",
        r#"name it such as "session": "my-notes""#,
    ))
}

/// Refuses what cannot be the id of a run.
pub fn check_run(id: &str) -> Result<(), Problem> {
    if is_of(id, RUN_CHARS_MAX, |b| b.is_ascii_alphanumeric() || b == b'-') {
        return Ok(());
    }
    Err(Problem::new(
        422,
        "wrong-run",
        "the id of the run is not 1 to 64 letters, digits or `-`",
        "take an id of GET /api/v1/runs",
    ))
}

fn is_of(name: &str, chars_max: usize, good: impl Fn(u8) -> bool) -> bool {
    !name.is_empty() && name.len() <= chars_max && name.bytes().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        // Good as the name of an agent, a session, a run.
        for (name, agent, session, run) in [
            ("a", true, true, true),
            ("a-1", true, true, true),
            ("A", false, true, true),
            ("a.b_c", false, true, false),
            ("", false, false, false),
            ("a b", false, false, false),
            ("a/b", false, false, false),
            ("a%2Fb", false, false, false),
            ("é", false, false, false),
            (&"a".repeat(58), true, true, true),
            (&"a".repeat(59), false, true, true),
            (&"a".repeat(65), false, true, false),
            (&"a".repeat(129), false, false, false),
        ] {
            let found = (
                is_agent(name),
                check_session(name).is_ok(),
                check_run(name).is_ok(),
            );
            assert_eq!(found, (agent, session, run), "{name}");
        }
    }
}
