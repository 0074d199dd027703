//! What an application is named by: told apart as stock Spin does.

use crate::Error;
use oci_client::Reference;
use std::path::{Path, PathBuf};

const MANIFEST: &str = "spin.toml";
/// The tag of a reference that names none.
const DEFAULT_TAG: &str = "latest";
/// A name without a registry is one of this registry's, or a file that is not there.
const DEFAULT_REGISTRY: &str = "docker";

/// Where an application is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In this manifest.
    Manifest(PathBuf),
    /// In a registry, by this reference.
    Registry(String),
}

impl Source {
    /// Tells what is meant: what is there is a file, what is not may be a reference.
    pub fn find(given: &Path) -> Result<Self, Error> {
        if given.is_dir() {
            let manifest = given.join(MANIFEST);
            let folder = given.to_owned();
            return manifest
                .is_file()
                .then_some(Self::Manifest(manifest))
                .ok_or(Error::NoManifest { folder });
        }
        // The default, and any other manifest that is not there, is told as such.
        if given.exists() || given.extension().is_some_and(|ending| ending == "toml") {
            return Ok(Self::Manifest(given.to_owned()));
        }
        let text = given.to_string_lossy();
        if is_reference(&text) {
            return Ok(Self::Registry(text.into_owned()));
        }
        Err(Error::NoSource {
            given: text.into_owned(),
        })
    }
}

/// A path parses as a reference too, with the registry and the tag left out: who means one names either.
fn is_reference(text: &str) -> bool {
    let Ok(reference) = Reference::try_from(text) else {
        return false;
    };
    let tagged = reference.tag() != Some(DEFAULT_TAG) || text.ends_with(":latest");
    tagged || !reference.registry().contains(DEFAULT_REGISTRY) || text.contains(DEFAULT_REGISTRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_folders_and_references_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = folder.path().join(MANIFEST);
        assert!(matches!(
            Source::find(folder.path()),
            Err(Error::NoManifest { .. })
        ));
        std::fs::write(&manifest, "").expect("a file");
        for path in [folder.path(), &manifest] {
            assert_eq!(
                Source::find(path).expect("is there"),
                Source::Manifest(manifest.clone())
            );
        }
        let references = [
            "registry.example/app:1.0",
            "registry.example/team/app",
            "localhost:5000/app:latest",
            "team/app:v1",
            "registry.example/app@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        ];
        for text in references {
            let found = Source::find(Path::new(text)).expect(text);
            assert_eq!(found, Source::Registry(text.to_owned()), "{text}");
        }
        let missing = Source::find(Path::new("no/such/spin.toml")).expect("told by who reads it");
        assert_eq!(missing, Source::Manifest("no/such/spin.toml".into()));
        for text in ["no/such/folder", "./folder", "An App"] {
            assert!(
                matches!(Source::find(Path::new(text)), Err(Error::NoSource { .. })),
                "{text}"
            );
        }
    }
}
