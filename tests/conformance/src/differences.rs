//! The closed list of what stock Spin does otherwise.

use crate::case::Case;
use crate::run::Outcome;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// One thing that stock Spin does otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Its name, by which cases mean it.
    pub id: String,
    /// What our host does.
    pub here: String,
    /// What stock Spin does.
    pub spin: String,
    /// Where it is shown when no case can show it.
    pub shown_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    difference: Vec<Difference>,
}

/// The list, in its order.
pub fn differences() -> Result<Vec<Difference>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("differences.toml");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let list: File = toml::from_str(&text).context("differences.toml")?;
    let ids: BTreeSet<&str> = list.difference.iter().map(|row| row.id.as_str()).collect();
    ensure!(
        ids.len() == list.difference.len(),
        "differences.toml names one twice"
    );
    Ok(list.difference)
}

/// What an outcome on stock Spin means.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does what our host does.
    Agrees,
    /// It differs, as the list says.
    Differs,
    /// It differs, and the list does not say so; or it no longer does. In words.
    Wrong(String),
}

/// Holds an outcome on stock Spin against the list.
#[must_use]
pub fn judge(case: &Case, outcome: &Outcome) -> Verdict {
    match (&case.expect.differs, outcome.mismatches.as_slice()) {
        (None, []) => Verdict::Agrees,
        (Some(_), [_, ..]) => Verdict::Differs,
        (Some(id), []) => Verdict::Wrong(format!("`{id}` is on the list, and stock Spin does as we do")),
        (None, mismatches) => Verdict::Wrong(mismatches.join("; ")),
    }
}
