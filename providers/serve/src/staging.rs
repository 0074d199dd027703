//! Puts the files that a manifest names into one folder, each at its place in the sandbox.

use glob::Pattern;
use gyre_manifest::{Component, Mount};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Files of one component at most.
const FILES_MAX: u32 = 20_000;
/// Bytes of them at most: a link costs none, but a copy does.
const BYTES_MAX: u64 = 1 << 30;

/// Files of a component that cannot be given to it.
#[derive(Debug, Error)]
pub enum FilesError {
    /// Nothing is there.
    #[error("files: {} is not there\nhint: check the path; a pattern has *, ? or [abc] in it", path.display())]
    Missing {
        /// What the manifest names.
        path: PathBuf,
    },
    /// A link leads to something that was not named.
    #[error("files: {} leads out of the folder it lies in\nhint: copy the file there, or name it: {{ source = \"…\", destination = \"/…\" }}", path.display())]
    LeadsOut {
        /// The link.
        path: PathBuf,
    },
    /// Two files, one place.
    #[error("files: {} and {} would both be {destination}\nhint: name one of them only, or give it another destination", first.display(), second.display())]
    Twice {
        /// Where both would be.
        destination: String,
        /// One.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// The destination of a file names a folder.
    #[error("files: {destination} is no name for the file {}\nhint: write destination = \"/name\"", path.display())]
    NoName {
        /// The file.
        path: PathBuf,
        /// Where it was to be.
        destination: String,
    },
    /// More than any component needs.
    #[error(
        "files: more than {FILES_MAX} files or {BYTES_MAX} bytes\nhint: name fewer, or give the whole folder: {{ source = \"folder\", destination = \"/folder\" }}"
    )]
    TooMuch,
    /// A file or folder cannot be read.
    #[error("files: cannot read {}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The folder of this host cannot be written.
    #[error("files: cannot write {}\nhint: choose another folder with --state", path.display())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl FilesError {
    pub(crate) fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |source| Self::Unreadable {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn unwritable(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |source| Self::Unwritable {
            path: path.to_owned(),
            source,
        }
    }
}

pub(crate) struct Staging<'a> {
    root: &'a Path,
    to: &'a Path,
    excluded: Vec<Pattern>,
    /// What is at each place, so that nothing takes the place of another.
    placed: BTreeMap<PathBuf, PathBuf>,
    bytes: u64,
}

impl<'a> Staging<'a> {
    pub(crate) fn new(component: &'a Component, to: &'a Path) -> Result<Self, FilesError> {
        let excluded = component.exclude_files.iter().map(|text| pattern(text));
        Ok(Self {
            root: &component.root,
            to,
            excluded: excluded.collect::<Result<_, _>>()?,
            placed: BTreeMap::new(),
            bytes: 0,
        })
    }

    /// Adds a file, or all files that a pattern matches, each with its path below the manifest.
    pub(crate) fn add_pattern(&mut self, text: &str) -> Result<(), FilesError> {
        let path = self.root.join(text);
        if path.is_file() {
            return self.add(&path, Path::new(text), self.root);
        }
        let below = escaped(self.root)?;
        if path.is_dir() {
            // As stock Spin has it: a folder that is named alone is found below its path twice.
            let all = format!("{}/**/*", escaped(&path)?);
            return self.add_found(&all, self.root, self.root, Path::new(text));
        }
        if !text.contains(['*', '?', '[']) {
            return Err(FilesError::Missing { path });
        }
        let to = Path::new("");
        self.add_found(&format!("{below}/{text}"), self.root, self.root, to)
    }

    /// Adds a file, or a folder with all in it, at its destination.
    pub(crate) fn add_mount(&mut self, mount: &Mount) -> Result<(), FilesError> {
        let (source, destination) = (&mount.source, &mount.destination);
        let place = Path::new(destination.trim_start_matches('/'));
        if source.is_dir() {
            let all = format!("{}/**/*", escaped(source)?);
            return self.add_found(&all, source, source, place);
        }
        if !source.is_file() {
            return Err(FilesError::Missing { path: source.clone() });
        }
        if destination.ends_with('/') || destination.ends_with("/.") {
            return Err(FilesError::NoName {
                path: source.clone(),
                destination: destination.clone(),
            });
        }
        // Named one by one, it may lie anywhere.
        let at = source.canonicalize().map_err(FilesError::unreadable(source))?;
        self.place(&at, place)
    }

    /// Adds files that a pattern matches and nothing excludes: `to` their path below `from`.
    fn add_found(&mut self, pattern: &str, from: &Path, within: &Path, to: &Path) -> Result<(), FilesError> {
        let paths = glob::glob(pattern).map_err(|_| FilesError::Missing { path: pattern.into() })?;
        for (visited, found) in paths.enumerate() {
            if visited > FILES_MAX as usize {
                return Err(FilesError::TooMuch);
            }
            let path = found.map_err(|error| {
                let path = error.path().to_owned();
                FilesError::unreadable(&path)(error.into())
            })?;
            let below_manifest = path.strip_prefix(self.root).unwrap_or(&path);
            let excluded = self.excluded.iter().any(|it| it.matches_path(below_manifest));
            if excluded || !path.is_file() {
                continue;
            }
            let place = to.join(path.strip_prefix(from).unwrap_or(&path));
            self.add(&path, &place, within)?;
        }
        Ok(())
    }

    /// Adds one file, unless it is a link to something elsewhere.
    fn add(&mut self, path: &Path, place: &Path, within: &Path) -> Result<(), FilesError> {
        let at = path.canonicalize().map_err(FilesError::unreadable(path))?;
        let within = within.canonicalize().map_err(FilesError::unreadable(within))?;
        if !at.starts_with(&within) {
            return Err(FilesError::LeadsOut {
                path: path.to_owned(),
            });
        }
        self.place(&at, place)
    }

    fn place(&mut self, file: &Path, place: &Path) -> Result<(), FilesError> {
        let place: PathBuf = place.components().collect();
        match self.placed.get(&place) {
            Some(there) if there == file => return Ok(()),
            Some(there) => {
                return Err(FilesError::Twice {
                    destination: format!("/{}", place.display()),
                    first: there.clone(),
                    second: file.to_owned(),
                });
            }
            None => {}
        }
        let size = file.metadata().map_err(FilesError::unreadable(file))?.len();
        self.bytes = self.bytes.saturating_add(size);
        if self.placed.len() >= FILES_MAX as usize || self.bytes > BYTES_MAX {
            return Err(FilesError::TooMuch);
        }
        let to = self.to.join(&place);
        let folder = to.parent().unwrap_or(self.to);
        std::fs::create_dir_all(folder).map_err(FilesError::unwritable(folder))?;
        // Another file system, or a file of another user, cannot be linked to.
        if std::fs::hard_link(file, &to).is_err() {
            std::fs::copy(file, &to).map_err(FilesError::unwritable(&to))?;
        }
        self.placed.insert(place, file.to_owned());
        Ok(())
    }
}

fn pattern(text: &str) -> Result<Pattern, FilesError> {
    // The manifest was checked when it was read.
    Pattern::new(text).map_err(|_| FilesError::Missing { path: text.into() })
}

/// A path whose own signs mean nothing to a pattern.
fn escaped(path: &Path) -> Result<String, FilesError> {
    match path.to_str() {
        Some(text) => Ok(Pattern::escape(text)),
        None => Err(FilesError::Missing {
            path: path.to_owned(),
        }),
    }
}
