//! The databases of an application: a place a name.

use crate::place::{Opening, Place};
use crate::writers::Writers;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The name that is always there.
const DEFAULT: &str = "default";

/// The databases of an application.
#[derive(Debug, Clone)]
pub struct Databases {
    openings: BTreeMap<String, Opening>,
}

impl Databases {
    /// Databases at these places. `default`, where it is not among them, is a file in `folder`, which must exist.
    pub fn new(folder: impl Into<PathBuf>, mut places: BTreeMap<String, Place>) -> Self {
        places
            .entry(DEFAULT.to_owned())
            .or_insert_with(|| Place::File(folder.into().join("default.db")));
        // Names of one file share its writers. A file by two paths has two queues, and then only SQLite's own wait.
        let mut writers: BTreeMap<PathBuf, Writers> = BTreeMap::new();
        let mut opening = |place| match place {
            Place::File(file) => {
                let writers = writers.entry(file.clone()).or_default().clone();
                Opening::File(file, writers)
            }
            Place::Memory => Opening::Memory,
            Place::Libsql(server) => Opening::Libsql(server),
        };
        Self {
            openings: places
                .into_iter()
                .map(|(name, place)| (name, opening(place)))
                .collect(),
        }
    }

    /// Whether something keeps the database of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.openings.contains_key(name)
    }

    pub(crate) fn opening(&self, name: &str) -> Option<Opening> {
        self.openings.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_default_needs_no_place() {
        let databases = Databases::new("state", [("other".to_owned(), Place::Memory)].into());
        assert!(
            matches!(databases.opening("default"), Some(Opening::File(file, _)) if file.ends_with("state/default.db"))
        );
        assert!(databases.has("other"));
        for none in ["", "third", "../x"] {
            assert!(!databases.has(none), "{none}");
        }
        let own = Databases::new("state", [("default".to_owned(), Place::Memory)].into());
        assert!(matches!(own.opening("default"), Some(Opening::Memory)));
    }

    #[tokio::test]
    async fn names_of_one_file_share_its_writers() {
        let file = |name: &str| Place::File(name.into());
        let places = [("one", "a.db"), ("same", "a.db"), ("other", "b.db")];
        let places = places.map(|(name, path)| (name.to_owned(), file(path)));
        let databases = Databases::new("state", places.into());
        let writers = |name: &str| match databases.opening(name) {
            Some(Opening::File(_, writers)) => writers,
            other => panic!("{other:?}"),
        };
        let _held = writers("one").turn().await.expect("a turn");
        let (same, other) = (writers("same"), writers("other"));
        assert!(futures::poll!(Box::pin(same.turn())).is_pending());
        assert!(futures::poll!(Box::pin(other.turn())).is_ready());
    }
}
