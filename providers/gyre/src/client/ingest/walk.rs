//! Which files are documents. Reads names only; contents are read when they are sent.

use super::document::{Unfit, media_type};
use super::found::Found;
use super::outcome::Outcome;
use std::collections::HashSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Folders within folders.
const DEPTH_MAX: usize = 64;
/// Documents of one call.
const DOCUMENTS_MAX: usize = 100_000;

/// Finds the documents under `paths`, each once, in the order of their names; the outcome has what is none.
pub(super) fn walk(paths: &[PathBuf], here: &Path) -> (Vec<Found>, Outcome) {
    let mut walk = Walk {
        here,
        seen: HashSet::new(),
        documents: Vec::new(),
        outcome: Outcome::default(),
    };
    for path in paths {
        let path = normal(&here.join(path));
        // A link that the user names is followed; those inside folders are not.
        match fs::metadata(&path) {
            Ok(data) if data.is_dir() => walk.folder(&path, 0),
            Ok(data) if data.is_file() => walk.file(&path, true),
            Ok(_) => walk.pass(
                &path,
                true,
                &Unfit::NoDocument("neither a file nor a folder".to_owned()),
            ),
            Err(error) => walk.pass(&path, true, &Unfit::Broken(format!("cannot be read: {error}"))),
        }
    }
    (walk.documents, walk.outcome)
}

struct Walk<'a> {
    here: &'a Path,
    seen: HashSet<PathBuf>,
    documents: Vec<Found>,
    outcome: Outcome,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let mut entries = match entries {
            Ok(entries) if depth < DEPTH_MAX => entries,
            Ok(_) => {
                return self.pass(
                    folder,
                    false,
                    &Unfit::Broken(format!("more than {DEPTH_MAX} folders deep")),
                );
            }
            Err(error) => {
                return self.pass(folder, false, &Unfit::Broken(format!("cannot be read: {error}")));
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let skip = |reason: &str| Unfit::NoDocument(reason.to_owned());
            match entry.file_type() {
                _ if entry.file_name().as_encoded_bytes().starts_with(b".") => {
                    self.pass(&path, false, &skip("hidden"));
                }
                Ok(kind) if kind.is_dir() => self.folder(&path, depth + 1),
                Ok(kind) if kind.is_file() => self.file(&path, false),
                Ok(kind) if kind.is_symlink() => {
                    self.pass(&path, false, &skip("a link; name it to follow it"));
                }
                Ok(_) => self.pass(&path, false, &skip("neither a file nor a folder")),
                Err(error) => self.pass(&path, false, &Unfit::Broken(format!("cannot be read: {error}"))),
            }
        }
    }

    fn file(&mut self, path: &Path, is_named: bool) {
        let Some(media_type) = media_type(path) else {
            let reason = "not one of .md, .markdown, .txt, .html, .htm".to_owned();
            return self.pass(path, is_named, &Unfit::NoDocument(reason));
        };
        let Some(source) = source(self.here, path) else {
            return self.pass(
                path,
                is_named,
                &Unfit::Broken("its name is not UTF-8; rename it".to_owned()),
            );
        };
        if !self.seen.insert(path.to_owned()) {
            return;
        }
        if self.documents.len() == DOCUMENTS_MAX {
            let reason = format!("more than {DOCUMENTS_MAX} documents; give fewer at once");
            return self.pass(path, is_named, &Unfit::Broken(reason));
        }
        self.documents.push(Found {
            path: path.to_owned(),
            source,
            media_type,
            is_named,
        });
    }

    fn pass(&mut self, path: &Path, is_named: bool, unfit: &Unfit) {
        let source = source(self.here, path).unwrap_or_else(|| path.to_string_lossy().into_owned());
        self.outcome.pass(source, is_named, unfit);
    }
}

/// The path without `.` and `..`, by its words alone.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The name of `path` as seen from `here`, both absolute; none when it is not UTF-8.
fn source(here: &Path, path: &Path) -> Option<String> {
    let (mut from, mut to) = (here.components().peekable(), path.components().peekable());
    while let (Some(a), Some(b)) = (from.peek(), to.peek()) {
        if a != b {
            break;
        }
        from.next();
        to.next();
    }
    let up = from.map(|_| Some(".."));
    let down = to.map(|component| component.as_os_str().to_str());
    let parts: Option<Vec<&str>> = up.chain(down).collect();
    parts.map(|parts| {
        if parts.is_empty() {
            ".".to_owned()
        } else {
            parts.join("/")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks `paths` in a folder with some of everything; returns sources found, skipped and failed.
    fn walked(paths: &[&str]) -> [Vec<String>; 3] {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path().canonicalize().expect("its path").join("here");
        for file in [
            "here/b.md",
            "here/a/z.txt",
            "here/a/y.HTML",
            "here/a/x.rs",
            "here/.git/c.md",
            "here/.d.md",
            "out.md",
        ] {
            let path = here.parent().expect("a parent").join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, "text").expect("a file");
        }
        std::os::unix::fs::symlink(here.join("b.md"), here.join("link.md")).expect("a link");
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let (documents, outcome) = walk(&paths, &here);
        [
            documents.into_iter().map(|found| found.source).collect(),
            outcome.skipped.into_iter().map(|passed| passed.source).collect(),
            outcome.failed.into_iter().map(|passed| passed.source).collect(),
        ]
    }

    #[test]
    fn folders_are_walked_and_the_rest_is_told() {
        let none: &[&str] = &[];
        let cases = [
            (
                &["."][..],
                &["a/y.HTML", "a/z.txt", "b.md"][..],
                &[".d.md", ".git", "a/x.rs", "link.md"][..],
                none,
            ),
            (&["b.md", "./b.md", "a/../b.md"], &["b.md"], none, none),
            (&["../out.md", "link.md"], &["../out.md", "link.md"], none, none),
            (&["a/x.rs", "missing.md"], none, none, &["a/x.rs", "missing.md"]),
            (&[".d.md", ".git"], &[".d.md", ".git/c.md"], none, none),
        ];
        for (given, found, skipped, failed) in cases {
            assert_eq!(
                walked(given),
                [found, skipped, failed].map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>()),
                "{given:?}"
            );
        }
    }
}
