//! The servers that a case needs, and what stands for them in its files.

use crate::case::{Case, Need};
use crate::upstream::{self, Upstream};
use anyhow::{Context, Result};
use gyre_test_support::{Postgres, Redis};
use std::collections::BTreeMap;
use std::path::Path;

/// They live as long as this.
pub(crate) struct Servers {
    _upstream: Upstream,
    _redis: Option<Redis>,
    _postgres: Option<Postgres>,
    placeholders: BTreeMap<&'static str, String>,
}

impl Servers {
    pub(crate) async fn start(case: &Case) -> Result<Self> {
        let upstream = upstream::start().await?;
        let guests = gyre_test_support::guests()?;
        let mut placeholders = BTreeMap::from([
            ("{guests}", guests.to_string_lossy().into_owned()),
            ("{upstream}", upstream.origin.clone()),
        ]);
        let needs = |need| case.expect.needs.contains(&need);
        let redis = needs(Need::Redis).then(Redis::start).transpose()?;
        let postgres = needs(Need::Postgres).then(Postgres::start).transpose()?;
        placeholders.extend(redis.iter().map(|redis| ("{redis}", redis.url())));
        placeholders.extend(postgres.iter().map(|postgres| ("{postgres}", postgres.url())));
        Ok(Self {
            _upstream: upstream,
            _redis: redis,
            _postgres: postgres,
            placeholders,
        })
    }

    /// The text with what stands for placeholders.
    pub(crate) fn fill(&self, text: &str) -> String {
        let one = |text: String, (from, to): (&&str, &String)| text.replace(from, to);
        self.placeholders.iter().fold(text.to_owned(), one)
    }

    /// Copies a case's folder, its TOML files filled in.
    pub(crate) fn copy(&self, from: &Path, to: &Path) -> Result<()> {
        std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
        for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
            let path = entry?.path();
            let target = to.join(path.file_name().context("a file without a name")?);
            if path.is_dir() {
                self.copy(&path, &target)?;
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&path)?;
                std::fs::write(&target, self.fill(&text))?;
            } else {
                std::fs::copy(&path, &target)?;
            }
        }
        Ok(())
    }
}
