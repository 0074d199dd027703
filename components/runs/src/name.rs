//! Names of runs and of their streams.

use gyre_agent_wire::Problem;

/// Characters of a run's id.
pub const ID_BYTES_MAX: usize = 64;

/// A run of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunName {
    stream: String,
    id_at: usize,
}

impl RunName {
    /// The run of this id; refused when the id is none.
    pub fn new(tenant: &str, id: &str) -> Result<Self, Problem> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !(1..=ID_BYTES_MAX).contains(&id.len()) || !id.bytes().all(safe) {
            return Err(Problem::new(
                422,
                "invalid-run",
                format!("a run's id must be 1 to {ID_BYTES_MAX} of A-Z, a-z, 0-9 and `-`"),
                "use the id that run.started tells; GET /runs lists those there are",
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

/// What the names of all streams of a tenant's runs begin with.
#[must_use]
pub fn prefix(tenant: &str) -> String {
    format!("run/{tenant}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked() {
        let longest = "a".repeat(64);
        for (id, good) in [
            ("0192f0c1-2b3c-7def-8000-000000000001", true),
            (longest.as_str(), true),
            (&format!("{longest}a"), false),
            ("", false),
            ("a/b", false),
            ("a.b", false),
            ("ä", false),
        ] {
            let name = RunName::new("local", id);
            assert_eq!(name.is_ok(), good, "{id}");
            if let Ok(name) = name {
                assert_eq!(
                    (name.id(), name.stream()),
                    (id, format!("run/local/{id}").as_str())
                );
            }
        }
    }
}
