//! Files that a component may read: `files` and `exclude_files`.

use std::path::{Component as PathPart, Path, PathBuf};

use toml::Value;

use crate::{
    error::Problem,
    section::{Section, as_string},
};

/// A folder or file of the host that a component may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where it is on the host.
    pub source: PathBuf,
    /// Where the component sees it; absolute.
    pub destination: String,
}

/// What `files` says.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) mounts: Vec<Mount>,
    pub(crate) patterns: Vec<String>,
}

const HINT: &str = "write \"assets/**/*.txt\" or { source = \"folder\", destination = \"/folder\" }";

/// Reads `files`.
pub(crate) fn read(section: &mut Section, root: &Path) -> Result<Files, Problem> {
    let key = section.key("files");
    let mut files = Files::default();
    for (index, value) in section.list("files")?.into_iter().enumerate() {
        let key = format!("{key}[{index}]");
        match value {
            Value::String(pattern) => {
                check_inside(&key, &pattern)?;
                check_pattern(&key, &pattern)?;
                files.patterns.push(pattern);
            }
            placed => files.mounts.push(read_mount(key, placed, root)?),
        }
    }
    Ok(files)
}

/// Reads `exclude_files`: patterns relative to the manifest.
pub(crate) fn read_excluded(section: &mut Section) -> Result<Vec<String>, Problem> {
    let key = section.key("exclude_files");
    let patterns = section.strings("exclude_files")?;
    for (index, pattern) in patterns.iter().enumerate() {
        check_pattern(&format!("{key}[{index}]"), pattern)?;
    }
    Ok(patterns)
}

/// Refuses what is no pattern of paths.
pub(crate) fn check_pattern(key: &str, pattern: &str) -> Result<(), Problem> {
    match glob::Pattern::new(pattern) {
        Ok(_) => Ok(()),
        Err(error) => Err(Problem::new(
            key,
            format!("`{pattern}` is no pattern of paths: {}", error.msg),
            "use *, **, ? and [abc]; ** stands alone between two /",
        )),
    }
}

/// A pattern keeps its path in the sandbox, so it has to lie below the manifest.
fn check_inside(key: &str, pattern: &str) -> Result<(), Problem> {
    let below = |part: PathPart<'_>| !matches!(part, PathPart::ParentDir | PathPart::RootDir);
    let parts = Path::new(pattern).components();
    let is_folder_itself = pattern == "." || pattern.ends_with("/.") || pattern.is_empty();
    if parts.clone().all(below) && !is_folder_itself {
        return Ok(());
    }
    Err(Problem::new(
        key,
        format!("`{pattern}` does not name files below the folder of spin.toml"),
        "give a pattern without `..`, or place a folder: { source = \"…\", destination = \"/…\" }",
    ))
}

fn read_mount(key: String, value: Value, root: &Path) -> Result<Mount, Problem> {
    let mut section = Section::from_value(key, value)?;
    let source = root.join(section.required_string("source", HINT)?);
    let key = section.key("destination");
    let destination = section
        .take("destination")
        .map(|value| as_string(key.clone(), value))
        .transpose()?;
    let destination = destination.ok_or_else(|| Problem::new(key.clone(), "missing", HINT))?;
    let inside = Path::new(&destination)
        .components()
        .all(|part| part != PathPart::ParentDir);
    if !destination.starts_with('/') || !inside {
        return Err(Problem::new(
            key,
            format!("`{destination}` is not an absolute path without `..`"),
            HINT,
        ));
    }
    section.finish()?;
    Ok(Mount { source, destination })
}
