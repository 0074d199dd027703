//! Names of sessions and of their streams.

use gyre_agent_wire::Problem;

/// Characters of a session's id.
pub const ID_BYTES_MAX: usize = 128;

/// A session of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionName {
    stream: String,
    id_at: usize,
}

impl SessionName {
    /// The session of this id; refused when the id is none.
    pub fn new(tenant: &str, id: &str) -> Result<Self, Problem> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=ID_BYTES_MAX).contains(&id.len()) || !id.bytes().all(safe) {
            return Err(Problem::new(
                422,
                "invalid-session",
                format!("a session's id must be 1 to {ID_BYTES_MAX} of A-Z, a-z, 0-9, `.`, `_` and `-`"),
                "name the session like support-42, or let the client make a UUID",
            ));
        }
        let mut stream = prefix(tenant);
        let id_at = stream.len();
        stream.push_str(id);
        Ok(Self { stream, id_at })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.stream[self.id_at..]
    }

    /// The stream that keeps it.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.stream
    }
}

/// What the names of all streams of a tenant's sessions begin with.
#[must_use]
pub fn prefix(tenant: &str) -> String {
    format!("session/{tenant}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked() {
        let longest = "a".repeat(128);
        for (id, good) in [
            ("a", true),
            ("Support-42_b.c", true),
            (longest.as_str(), true),
            (&format!("{longest}a"), false),
            ("", false),
            ("a/b", false),
            ("a b", false),
            ("ä", false),
            ("a%2f", false),
        ] {
            let name = SessionName::new("local", id);
            assert_eq!(name.is_ok(), good, "{id}");
            if let Ok(name) = name {
                assert_eq!(
                    (name.id(), name.stream()),
                    (id, format!("session/local/{id}").as_str())
                );
            }
        }
    }
}
