//! `REPO[:FILE]`, and a revision.

use crate::model::error::Error;

const BYTES_MAX: usize = 256;

/// What is wanted of a hub.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) repo: String,
    pub(super) file: Option<String>,
    pub(super) revision: String,
}

impl Source {
    /// Reads what the user wrote. All of it becomes part of addresses and of paths: only harmless characters pass.
    pub(super) fn parse(from: &str, revision: &str) -> Result<Self, Error> {
        let (repo, file) = match from.split_once(':') {
            Some((repo, file)) => (repo, Some(file)),
            None => (from, None),
        };
        let segments = repo.split('/').count();
        if !is_path(repo) || segments > 2 {
            return Err(Error::BadSource(format!("`{repo}` is no repository")));
        }
        if let Some(file) = file.filter(|file| !is_path(file) || !file.ends_with(".gguf")) {
            return Err(Error::BadSource(format!("`{file}` is no name of a GGUF file")));
        }
        if !is_path(revision) {
            return Err(Error::BadSource(format!("`{revision}` is no revision")));
        }
        Ok(Self {
            repo: repo.to_owned(),
            file: file.map(str::to_owned),
            revision: revision.to_owned(),
        })
    }
}

/// Segments of harmless characters, none hidden or leading up.
pub(super) fn is_path(path: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
    let segment =
        |segment: &str| !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(harmless);
    path.len() <= BYTES_MAX && path.split('/').all(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_files_and_revisions_are_told_apart() {
        let whole = Source::parse("org/name:sub/m.gguf", "refs/pr/1").expect("a source");
        assert_eq!(
            (
                whole.repo.as_str(),
                whole.file.as_deref(),
                whole.revision.as_str()
            ),
            ("org/name", Some("sub/m.gguf"), "refs/pr/1")
        );
        assert_eq!(Source::parse("name", "main").expect("a source").file, None);
        let cases = [
            ("", "main"),
            ("a/b/c", "main"),
            ("../a", "main"),
            ("a/..", "main"),
            ("a b/c", "main"),
            ("a?b", "main"),
            ("a:", "main"),
            ("a:m.bin", "main"),
            ("a:../m.gguf", "main"),
            ("a:/m.gguf", "main"),
            ("a", ""),
            ("a", "a/../b"),
            ("a", "a#b"),
        ];
        for (from, revision) in cases {
            assert!(Source::parse(from, revision).is_err(), "{from} {revision}");
        }
    }
}
