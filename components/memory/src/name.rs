//! Names of sessions and of their streams.

use gyre_agent_wire::Problem;
use gyre_ledger::{Family, StreamName};

/// Characters of a session's id.
pub const ID_BYTES_MAX: usize = 128;

const FAMILY: Family = Family {
    name: "session",
    id_bytes_max: ID_BYTES_MAX,
    signs: b"._-",
};

/// The stream of the session of this id; refused when the id is none.
pub fn session(tenant: &str, id: &str) -> Result<StreamName, Problem> {
    FAMILY.stream(tenant, id).ok_or_else(|| {
        Problem::new(
            422,
            "invalid-session",
            format!("a session's id must be 1 to {ID_BYTES_MAX} of A-Z, a-z, 0-9, `.`, `_` and `-`"),
            "name the session like support-42, or let the client make a UUID",
        )
    })
}

/// What the names of all streams of a tenant's sessions begin with.
#[must_use]
pub fn prefix(tenant: &str) -> String {
    FAMILY.prefix(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked() {
        let name = session("local", "Support-42_b.c").expect("an id");
        assert_eq!(
            name.stream().strip_prefix(&prefix("local")),
            Some("Support-42_b.c")
        );
        assert_eq!(prefix("local"), "session/local/");
        assert!(session("local", &"a".repeat(128)).is_ok());
        for id in ["", "a/b", "a b", "a%2f", "ä", &"a".repeat(129)] {
            let problem = session("local", id).expect_err(id);
            assert_eq!((problem.status, problem.kind()), (422, "invalid-session"), "{id}");
        }
    }
}
