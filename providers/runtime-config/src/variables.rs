//! `[[variables_provider]]`: who is asked for the value of a variable.
//!
//! Neither the environment nor a file of this kind changes while the host runs, so they are asked once, at the start.

use crate::error::Error;
use crate::fields::tables;
use crate::folders::Folders;
use crate::secret::Secret;
use crate::stores::{absent, kind, unknown_kind};
use gyre_manifest::{Problem, Section, as_string, wrong_type};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const PREFIX: &str = "SPIN_VARIABLE";
const DOTENV: &str = ".env";
/// Bytes a dotenv file may have.
const DOTENV_BYTES_MAX: u64 = 1 << 20;
const KNOWN: &str = "\"env\" or \"static\"";

/// Who is asked for the value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariablesProvider {
    /// The environment, and a file that adds to it.
    Env(EnvProvider),
    /// Values written in the file.
    Static(BTreeMap<String, Secret>),
}

/// The environment: variable `x` is `<prefix>_X`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvProvider {
    /// What the names begin with, before an underscore.
    pub prefix: String,
    /// A file of lines `NAME=value`, for what the environment itself lacks.
    pub dotenv: Option<PathBuf>,
    /// Whether that file must be there.
    pub dotenv_required: bool,
}

impl EnvProvider {
    /// The one that is always asked, last.
    pub(crate) fn always() -> Self {
        Self {
            prefix: PREFIX.to_owned(),
            dotenv: Some(DOTENV.into()),
            dotenv_required: false,
        }
    }
}

pub(crate) fn read(root: &mut Section, folders: &Folders) -> Result<Vec<VariablesProvider>, Problem> {
    let (new, old) = ("variables_provider", "config_provider");
    if root.has(new) && root.has(old) {
        return Err(Problem::new(
            old,
            "the old name of variables_provider, which is there too",
            "keep one of the two",
        ));
    }
    let mut listed = tables(root, new)?;
    listed.extend(tables(root, old)?);
    let mut providers = listed
        .into_iter()
        .map(|fields| provider(fields, folders))
        .collect::<Result<Vec<_>, _>>()?;
    providers.push(VariablesProvider::Env(EnvProvider {
        dotenv: Some(folders.working.join(DOTENV)),
        ..EnvProvider::always()
    }));
    Ok(providers)
}

fn provider(mut fields: Section, folders: &Folders) -> Result<VariablesProvider, Problem> {
    let provider = match kind(&mut fields)?.as_str() {
        "env" => VariablesProvider::Env(EnvProvider {
            prefix: fields.string("prefix")?.unwrap_or_else(|| PREFIX.to_owned()),
            dotenv: fields
                .string("dotenv_path")?
                .map(|path| folders.working.join(path)),
            dotenv_required: true,
        }),
        "static" => VariablesProvider::Static(written(&mut fields)?),
        "vault" | "azure_key_vault" => return Err(absent(&fields, KNOWN)),
        _ => return Err(unknown_kind(&fields, KNOWN)),
    };
    fields.finish()?;
    Ok(provider)
}

fn written(fields: &mut Section) -> Result<BTreeMap<String, Secret>, Problem> {
    let key = fields.key("values");
    let Some(value) = fields.take("values") else {
        return Err(Problem::new(key, "missing", "give values = { name = \"value\" }"));
    };
    let toml::Value::Table(table) = value else {
        return Err(wrong_type(key, "a table", &value));
    };
    table
        .into_iter()
        .map(|(name, value)| {
            let value = as_string(format!("{key}.{name}"), value)?;
            Ok((name, Secret::new(value)))
        })
        .collect()
}

/// The values that the providers have for `names`: of each name, the first provider's that has one.
///
/// A file is read only where the environment lacks a name, so that a `.env` of other programs is no hindrance.
pub fn values<'a>(
    providers: &[VariablesProvider],
    names: impl IntoIterator<Item = &'a str>,
    environment: impl Fn(&str) -> Result<Option<String>, Error>,
) -> Result<BTreeMap<String, String>, Error> {
    let mut files = vec![None; providers.len()];
    let mut found = BTreeMap::new();
    for name in names {
        for (provider, file) in providers.iter().zip(&mut files) {
            let value = match provider {
                VariablesProvider::Static(values) => values.get(name).map(|value| value.expose().to_owned()),
                VariablesProvider::Env(env) => {
                    let variable = format!("{}_{}", env.prefix, name.to_ascii_uppercase());
                    match environment(&variable)? {
                        None => read_once(file, env)?.get(&variable).cloned(),
                        value => value,
                    }
                }
            };
            if let Some(value) = value {
                found.insert(name.to_owned(), value);
                break;
            }
        }
    }
    Ok(found)
}

type File = BTreeMap<String, String>;

fn read_once<'f>(file: &'f mut Option<File>, env: &EnvProvider) -> Result<&'f File, Error> {
    if file.is_none() {
        *file = Some(file_of(env)?);
    }
    Ok(file.get_or_insert_default())
}

fn file_of(env: &EnvProvider) -> Result<BTreeMap<String, String>, Error> {
    match &env.dotenv {
        Some(path) if env.dotenv_required || path.is_file() => dotenv(path),
        _ => Ok(BTreeMap::new()),
    }
}

/// Reads a file of lines `NAME=value`.
fn dotenv(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    let failed = |why: String| Error::Dotenv {
        path: path.to_owned(),
        why,
    };
    let bytes = std::fs::metadata(path)
        .map_err(|error| failed(error.to_string()))?
        .len();
    if bytes > DOTENV_BYTES_MAX {
        return Err(failed(format!("{bytes} bytes, the limit is {DOTENV_BYTES_MAX}")));
    }
    let lines = dotenvy::from_path_iter(path).map_err(|error| failed(shown(&error)))?;
    lines
        .collect::<Result<_, _>>()
        .map_err(|error| failed(shown(&error)))
}

/// The parser quotes the line, and a line may hold a secret.
fn shown(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::Io(error) => error.to_string(),
        _ => "a line is not NAME=value".to_owned(),
    }
}
