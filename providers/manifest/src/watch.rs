//! What of a component's files may change while it runs.

use std::path::{Component as PathPart, Path, PathBuf};

use crate::{Component, Source};

/// Files whose change means that the component is another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// A file, or a folder with all in it; for a pattern the deepest folder that it names.
    pub path: PathBuf,
    /// Which files below it are meant; all where there is none.
    pub pattern: Option<glob::Pattern>,
    /// A change is one of what the component is built from: it has to be built again first.
    pub is_built_from: bool,
}

impl Watched {
    /// Whether a change of this file is meant.
    #[must_use]
    pub fn matches(&self, file: &Path) -> bool {
        match &self.pattern {
            Some(pattern) => pattern.matches_path(file),
            None => file.starts_with(&self.path),
        }
    }

    fn whole(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            pattern: None,
            is_built_from: false,
        }
    }

    fn pattern(root: &Path, pattern: &str) -> Self {
        let pattern = pattern.trim_start_matches("./");
        let is_plain = |part: &PathPart<'_>| {
            let text = part.as_os_str().to_string_lossy();
            !text.contains(['*', '?', '['])
        };
        let plain: PathBuf = Path::new(pattern).components().take_while(is_plain).collect();
        let is_whole = plain == Path::new(pattern);
        Self {
            path: root.join(plain),
            pattern: if is_whole { None } else { below(root, pattern) },
            is_built_from: false,
        }
    }
}

/// The pattern below a folder whose own name may hold the signs of patterns.
fn below(root: &Path, pattern: &str) -> Option<glob::Pattern> {
    let root = glob::Pattern::escape(root.to_str()?);
    // Checked when the manifest was read.
    glob::Pattern::new(&format!("{root}/{pattern}")).ok()
}

impl Component {
    /// Its component file and those of its leaves and middleware, what it may read, what it is built from.
    #[must_use]
    pub fn watched(&self) -> Vec<Watched> {
        let sources = self.sources().filter_map(Source::file).map(Watched::whole);
        let mounts = self.files.iter().map(|mount| Watched::whole(&mount.source));
        let patterns = self.file_patterns.iter();
        let patterns = patterns.map(|pattern| Watched::pattern(&self.root, pattern));
        let built_from = self.build.iter().flat_map(|build| {
            let patterns = build.watch.iter();
            patterns.map(|pattern| Watched {
                is_built_from: true,
                ..Watched::pattern(&build.folder, pattern)
            })
        });
        sources.chain(mounts).chain(patterns).chain(built_from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Build, Mount};

    #[test]
    fn every_file_of_a_component_is_watched() {
        let root = PathBuf::from("/app [1]");
        let component = Component {
            root: root.clone(),
            files: vec![Mount {
                source: root.join("persona"),
                destination: "/persona".to_owned(),
            }],
            file_patterns: vec!["./data/*.txt".to_owned(), "one.txt".to_owned()],
            build: Some(Build {
                commands: vec!["make".to_owned()],
                folder: root.join("guest"),
                watch: vec!["src/**/*.rs".to_owned()],
            }),
            ..Component::new("x", Source::File(root.join("x.wasm")))
        };
        let watched = component.watched();
        let folders: Vec<_> = watched.iter().map(|it| it.path.to_str().expect("text")).collect();
        let expected = [
            "/app [1]/x.wasm",
            "/app [1]/persona",
            "/app [1]/data",
            "/app [1]/one.txt",
            "/app [1]/guest/src",
        ];
        assert_eq!(folders, expected);
        for (file, by) in [
            ("x.wasm", Some(0)),
            ("persona/deep/one.md", Some(1)),
            ("data/a.txt", Some(2)),
            ("data/a.md", None),
            ("one.txt", Some(3)),
            ("guest/src/a/b.rs", Some(4)),
            ("guest/src/b.rs", Some(4)),
            ("guest/Cargo.toml", None),
        ] {
            let found = watched.iter().position(|it| it.matches(&root.join(file)));
            assert_eq!(found, by, "{file}");
        }
        assert!(watched[4].is_built_from && !watched[0].is_built_from);
    }
}
