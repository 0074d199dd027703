//! Golden files: one for each component, written anew by `GYRE_BLESS=1`.

use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const BLESS: &str = "GYRE_BLESS";
const CURE: &str = "hint: if it is meant, run the test with GYRE_BLESS=1 and review the difference";

/// A folder of golden files beside the tests.
#[derive(Debug, Clone, Copy)]
pub struct Golden {
    /// Its name.
    pub folder: &'static str,
    /// How the names of its files end.
    pub extension: &'static str,
}

impl Golden {
    /// Each component is printed as its golden file has it.
    pub fn check(self, ids: &BTreeSet<String>, print: impl Fn(&str) -> Result<String>) -> Result<()> {
        let bless = std::env::var_os(BLESS).is_some();
        let mut wrong = Vec::new();
        for id in ids {
            let name = format!("{id}.{}", self.extension);
            let file = self.path().join(&name);
            let printed = print(id)?;
            if bless {
                fs::create_dir_all(self.path()).context("cannot make the folder of golden files")?;
                fs::write(&file, &printed).with_context(|| format!("cannot write {}", file.display()))?;
            } else if fs::read_to_string(&file).ok().as_deref() != Some(&printed) {
                let folder = self.folder;
                wrong.push(format!(
                    "{folder}/{name} is missing or differs; it is now:\n{printed}"
                ));
            }
        }
        ensure!(wrong.is_empty(), "{}\n{CURE}", wrong.join("\n"));
        Ok(())
    }

    /// There is no golden file of something else.
    pub fn is_only_of(self, ids: &BTreeSet<String>) -> Result<()> {
        for entry in fs::read_dir(self.path()).context("no folder of golden files")? {
            let path = entry?.path();
            let id = path
                .file_stem()
                .and_then(|name| name.to_str())
                .context("a name that is not UTF-8")?;
            ensure!(
                ids.contains(id),
                "{} is of nothing; hint: remove it",
                path.display()
            );
        }
        Ok(())
    }

    fn path(self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder)
    }
}
