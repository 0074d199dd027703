//! From the text of the file to its meaning.

use crate::error::Error;
use crate::folders::Folders;
use crate::{RuntimeConfig, llm, refused, stores, variables};
use gyre_manifest::{Problem, Section};
use std::path::{Path, PathBuf};

/// Bytes a runtime configuration may have.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Reads and checks a file.
pub fn load(path: &Path) -> Result<RuntimeConfig, Error> {
    let unreadable = |source| Error::Unreadable {
        path: path.to_owned(),
        source,
    };
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            bytes,
            bytes_max: FILE_BYTES_MAX,
        });
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let folders = Folders {
        of_file: absolute.parent().unwrap_or(Path::new("/")).to_owned(),
        working: std::env::current_dir().map_err(unreadable)?,
    };
    parse(&text, path, &folders)
}

/// Reads and checks the text of a file; `path` names it in errors.
pub fn parse(text: &str, path: &Path, folders: &Folders) -> Result<RuntimeConfig, Error> {
    let table = text.parse::<toml::Table>().map_err(|error| Error::Syntax {
        path: path.to_owned(),
        line: error.span().map_or(0, |span| {
            1 + text[..span.start.min(text.len())].matches('\n').count()
        }),
        message: error.message().to_owned(),
    })?;
    config(Section::root(table), folders).map_err(|problem| Error::Key {
        path: path.to_owned(),
        problem,
    })
}

fn config(mut root: Section, folders: &Folders) -> Result<RuntimeConfig, Problem> {
    refused::check(&root)?;
    let config = RuntimeConfig {
        state_dir: state_dir(&mut root, folders)?,
        memory_bytes_max: root.positive("max_instance_memory")?,
        key_value_stores: stores::key_value(&mut root, folders)?,
        sqlite_databases: stores::sqlite(&mut root, folders)?,
        llm: llm::read(&mut root)?,
        variables: variables::read(&mut root, folders)?,
    };
    root.finish()?;
    Ok(config)
}

fn state_dir(root: &mut Section, folders: &Folders) -> Result<Option<PathBuf>, Problem> {
    match root.string("state_dir")?.as_deref() {
        None => Ok(None),
        Some("") => Err(Problem::new(
            "state_dir",
            "empty, which would keep nothing; this host keeps compiled components there too",
            "name a folder, or remove the key",
        )),
        Some(path) => Ok(Some(folders.working.join(path))),
    }
}

#[cfg(test)]
mod tests;
