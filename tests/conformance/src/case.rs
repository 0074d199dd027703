//! A case as it is written: a folder with `spin.toml` and `expect.toml`.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One case.
#[derive(Debug)]
pub struct Case {
    /// The name of its folder.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What must come of it.
    pub expect: Expect,
}

/// What must come of a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Servers that the application uses.
    #[serde(default)]
    pub(crate) needs: Vec<Need>,
    /// The difference that stock Spin is known to show here.
    pub(crate) differs: Option<String>,
    /// The application must not start, and our host says this.
    pub(crate) refused: Option<String>,
    /// What is asked of it, one after another.
    #[serde(default, rename = "request")]
    pub(crate) requests: Vec<Exchange>,
}

impl Expect {
    /// The difference that stock Spin is known to show.
    #[must_use]
    pub fn differs(&self) -> Option<&str> {
        self.differs.as_deref()
    }

    /// Whether the application uses one of these servers.
    #[must_use]
    pub fn needs_any(&self, servers: &[Need]) -> bool {
        self.needs.iter().any(|need| servers.contains(need))
    }
}

/// A server that a case needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// Redis, and what of an application speaks to it.
    Redis,
    /// PostgreSQL.
    Postgres,
}

/// One request and its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    #[serde(default = "get")]
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: String,
    pub(crate) status: u16,
    /// Values by JSON pointer.
    #[serde(default)]
    pub(crate) json: BTreeMap<String, serde_json::Value>,
    /// The whole body.
    pub(crate) text: Option<String>,
    /// Parts of the body.
    #[serde(default)]
    pub(crate) contains: Vec<String>,
    /// What the body must not hold.
    #[serde(default)]
    pub(crate) lacks: Vec<String>,
    #[serde(default)]
    pub(crate) answer_headers: BTreeMap<String, String>,
    /// The answer breaks off: its head comes, its end does not.
    #[serde(default)]
    pub(crate) cut: bool,
}

fn get() -> String {
    "GET".to_owned()
}

/// Every case, by name.
pub fn cases() -> Result<Vec<Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut cases = Vec::new();
    for entry in entries {
        cases.push(read(&entry?.path())?);
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    ensure!(!cases.is_empty(), "there are no cases in {}", folder.display());
    Ok(cases)
}

fn read(folder: &Path) -> Result<Case> {
    let name = folder.file_name().and_then(|name| name.to_str());
    let name = name.context("a name that is not UTF-8")?.to_owned();
    let file = folder.join("expect.toml");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let expect: Expect = toml::from_str(&text).with_context(|| format!("case {name}: expect.toml"))?;
    ensure!(
        expect.refused.is_some() == expect.requests.is_empty(),
        "case {name}: expect.toml has either `refused` or requests"
    );
    Ok(Case {
        name,
        folder: folder.to_owned(),
        expect,
    })
}
