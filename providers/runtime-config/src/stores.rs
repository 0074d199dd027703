//! `[key_value_store.<label>]` and `[sqlite_database.<label>]`.

use crate::fields::{labelled, secret};
use crate::folders::Folders;
use crate::secret::Secret;
use gyre_manifest::{Problem, Section};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What keeps a key-value store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValueStore {
    /// A file.
    File(PathBuf),
    /// The memory of this process: gone when it ends.
    Memory,
    /// A Redis server.
    Redis(Secret),
}

/// What keeps a SQLite database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqliteDatabase {
    /// A file.
    File(PathBuf),
    /// The memory of each connection: gone when it is closed.
    Memory,
    /// A libSQL server, spoken to over HTTP.
    Libsql {
        /// Its address.
        url: Secret,
        /// The token it wants.
        token: Secret,
    },
}

pub(crate) fn key_value(
    root: &mut Section,
    folders: &Folders,
) -> Result<BTreeMap<String, KeyValueStore>, Problem> {
    let stores = labelled(root, "key_value_store")?;
    stores
        .into_iter()
        .map(|(label, mut fields)| {
            let store = match kind(&mut fields)?.as_str() {
                "spin" => match fields.string("path")? {
                    Some(path) => KeyValueStore::File(folders.of_file.join(path)),
                    None => KeyValueStore::Memory,
                },
                "redis" => KeyValueStore::Redis(address(&mut fields, &["redis://", "rediss://"])?),
                "azure_cosmos" | "aws_dynamo" => return Err(absent(&fields, "\"spin\" or \"redis\"")),
                _ => return Err(unknown_kind(&fields, "\"spin\" or \"redis\"")),
            };
            fields.finish()?;
            Ok((label, store))
        })
        .collect()
}

pub(crate) fn sqlite(
    root: &mut Section,
    folders: &Folders,
) -> Result<BTreeMap<String, SqliteDatabase>, Problem> {
    let databases = labelled(root, "sqlite_database")?;
    databases
        .into_iter()
        .map(|(label, mut fields)| {
            let database = match kind(&mut fields)?.as_str() {
                "spin" => local(&mut fields, &folders.working)?,
                "libsql" => SqliteDatabase::Libsql {
                    url: address(&mut fields, &["https://", "http://"])?,
                    token: secret(
                        &mut fields,
                        "token",
                        "give the token of the server; \"\" where it wants none",
                    )?,
                },
                _ => return Err(unknown_kind(&fields, "\"spin\" or \"libsql\"")),
            };
            fields.finish()?;
            Ok((label, database))
        })
        .collect()
}

fn local(fields: &mut Section, working: &Path) -> Result<SqliteDatabase, Problem> {
    if fields.bool("allow_attach_file")?.unwrap_or(false) {
        return Err(Problem::new(
            fields.key("allow_attach_file"),
            "not supported: a guest's SQL may reach no other file here",
            "remove it, and give the component both databases by sqlite_databases",
        ));
    }
    Ok(match fields.string("path")? {
        Some(path) => SqliteDatabase::File(working.join(path)),
        None => SqliteDatabase::Memory,
    })
}

pub(crate) fn kind(fields: &mut Section) -> Result<String, Problem> {
    fields.required_string("type", "say what it is, for example type = \"spin\"")
}

/// An address of one of these schemes.
pub(crate) fn address(fields: &mut Section, schemes: &[&str]) -> Result<Secret, Problem> {
    let example = format!("url = \"{}…\"", schemes[0]);
    let url = fields.required_string("url", &format!("give {example}"))?;
    if schemes
        .iter()
        .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
    {
        return Ok(Secret::new(url));
    }
    let what = format!("not an address that begins with {}", schemes.join(" or "));
    Err(Problem::new(fields.key("url"), what, format!("give {example}")))
}

pub(crate) fn unknown_kind(fields: &Section, known: &str) -> Problem {
    Problem::new(fields.key("type"), "no such type", format!("use {known}"))
}

pub(crate) fn absent(fields: &Section, known: &str) -> Problem {
    Problem::new(
        fields.key("type"),
        "Spin has this type, the gyre host does not: it brings no client of a cloud provider",
        format!("use {known}, or run the app with `spin up`"),
    )
}
