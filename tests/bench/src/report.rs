//! Where raw results lie, and what they were measured on.

use anyhow::{Context, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The folder of the results.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder.to_owned()))
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Keeps raw results as JSON.
    pub(crate) fn keep(&self, name: &str, results: &impl Serialize) -> Result<()> {
        let path = self.file(name);
        let results = serde_json::json!({ "machine": machine(), "results": results });
        let text = serde_json::to_string_pretty(&results)?;
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("raw: {}", path.display());
        Ok(())
    }
}

/// What the numbers depend on.
fn machine() -> serde_json::Value {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    serde_json::json!({
        "cpu": model.map(|text| text.trim_start_matches(['\t', ' ', ':'])),
        "cores": std::thread::available_parallelism().map(usize::from).ok(),
        "bench": build_kind(),
        "load_before": load.trim(),
    })
}

/// How this bench, and what runs in its process, was built.
pub(crate) fn build_kind() -> &'static str {
    if cfg!(debug_assertions) {
        "debug build: figures of a release build are smaller; `cargo xtask bench` makes one"
    } else {
        "release build"
    }
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_middle_one() {
        assert!(median(vec![]).is_nan());
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0]), 2.5);
    }
}
