//! The databases of an application: a place a name.

use crate::place::Place;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The name that is always there.
const DEFAULT: &str = "default";

/// The databases of an application.
#[derive(Debug, Clone)]
pub struct Databases {
    places: BTreeMap<String, Place>,
}

impl Databases {
    /// Databases at these places. `default`, where it is not among them, is a file in `folder`, which must exist.
    pub fn new(folder: impl Into<PathBuf>, mut places: BTreeMap<String, Place>) -> Self {
        places
            .entry(DEFAULT.to_owned())
            .or_insert_with(|| Place::File(folder.into().join("default.db")));
        Self { places }
    }

    /// Whether something keeps the database of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    pub(crate) fn place(&self, name: &str) -> Option<Place> {
        self.places.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_default_needs_no_place() {
        let databases = Databases::new("state", [("other".to_owned(), Place::Memory)].into());
        assert!(
            matches!(databases.place("default"), Some(Place::File(file)) if file.ends_with("state/default.db"))
        );
        assert!(databases.has("other"));
        for none in ["", "third", "../x"] {
            assert!(!databases.has(none), "{none}");
        }
        let own = Databases::new("state", [("default".to_owned(), Place::Memory)].into());
        assert!(matches!(own.place("default"), Some(Place::Memory)));
    }
}
