//! The servers that tests start, each on a free port and in a temporary folder.

use super::packages::Need;
use crate::process;
use std::path::Path;

/// Where Debian keeps the programs of PostgreSQL, a folder a version; they are on no PATH.
const POSTGRES_FOLDER: &str = "/usr/lib/postgresql";

/// What tests need beside what a build needs.
pub(super) fn needs() -> Vec<Need> {
    vec![
        Need {
            name: "redis-server",
            package: "redis-server",
            reason: "tests of Redis stores, triggers and clients start one",
            present: process::find("redis-server").is_some(),
        },
        Need {
            name: "the PostgreSQL server",
            package: "postgresql",
            reason: "tests of the PostgreSQL client start one",
            present: process::find("initdb").is_some() || has_initdb(Path::new(POSTGRES_FOLDER)),
        },
    ]
}

fn has_initdb(folder: &Path) -> bool {
    let versions = std::fs::read_dir(folder).into_iter().flatten().flatten();
    versions
        .map(|version| version.path().join("bin/initdb"))
        .any(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::has_initdb;

    #[test]
    fn a_version_s_programs_are_found() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(!has_initdb(&folder.path().join("none")));
        let programs = folder.path().join("15/bin");
        std::fs::create_dir_all(&programs).expect("a folder");
        assert!(!has_initdb(folder.path()));
        std::fs::write(programs.join("initdb"), "").expect("a program");
        assert!(has_initdb(folder.path()));
    }
}
