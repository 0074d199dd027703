//! Names of runs and of their streams.

use gyre_agent_wire::Problem;
use gyre_ledger::{Family, StreamName};

/// Characters of a run's id.
pub const ID_BYTES_MAX: usize = 64;

const FAMILY: Family = Family {
    name: "run",
    id_bytes_max: ID_BYTES_MAX,
    signs: b"-",
};

/// The stream of the run of this id; refused when the id is none.
pub fn run(tenant: &str, id: &str) -> Result<StreamName, Problem> {
    FAMILY.stream(tenant, id).ok_or_else(|| {
        Problem::new(
            422,
            "invalid-run",
            format!("a run's id must be 1 to {ID_BYTES_MAX} of A-Z, a-z, 0-9 and `-`"),
            "use the id that run.started tells; GET /runs lists those there are",
        )
    })
}

/// What the names of the streams of all tenants' runs begin with.
pub const ALL: &str = "run/";

/// The tenant whose run a stream is, and the run's name.
#[must_use]
pub fn of_stream(stream: &str) -> Option<(&str, StreamName)> {
    let (tenant, id) = stream.strip_prefix(ALL)?.split_once('/')?;
    Some((tenant, run(tenant, id).ok()?))
}

/// What the names of all streams of a tenant's runs begin with.
#[must_use]
pub fn prefix(tenant: &str) -> String {
    FAMILY.prefix(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked() {
        let name = run("local", "0192f0c1-2b3c-7def-8000-000000000001").expect("an id");
        assert_eq!(
            name.stream().strip_prefix(&prefix("local")),
            Some("0192f0c1-2b3c-7def-8000-000000000001")
        );
        assert_eq!(prefix("local"), "run/local/");
        assert_eq!(
            of_stream("run/acme/x-1").map(|(tenant, run)| (tenant, run.id().to_owned())),
            Some(("acme", "x-1".to_owned()))
        );
        for stream in ["session/acme/x", "run/acme", "run/acme/a/b", "run/acme/a.b"] {
            assert_eq!(of_stream(stream), None, "{stream}");
        }
        assert!(run("local", &"a".repeat(64)).is_ok());
        for id in ["", "a/b", "a.b", "a_b", "ä", &"a".repeat(65)] {
            let problem = run("local", id).expect_err(id);
            assert_eq!((problem.status, problem.kind()), (422, "invalid-run"), "{id}");
        }
    }
}
