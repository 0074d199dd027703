//! What a process uses, as the kernel counts it.

use anyhow::{Context, Result};

/// Memory of a process.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub(crate) struct Usage {
    /// Pages that are its own alone, and resident.
    pub(crate) private_kib: u64,
    /// Mappings; the kernel has a limit on them (`vm.max_map_count`).
    pub(crate) mappings: u64,
}

pub(crate) fn usage(pid: u32) -> Result<Usage> {
    let rollup = read(pid, "smaps_rollup")?;
    let field = |name: &str| {
        let line = rollup.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number
            .and_then(|number| number.parse::<u64>().ok())
            .with_context(|| format!("smaps_rollup has no {name}"))
    };
    Ok(Usage {
        private_kib: field("Private_Clean:")? + field("Private_Dirty:")?,
        mappings: read(pid, "maps")?.lines().count() as u64,
    })
}

fn read(pid: u32, file: &str) -> Result<String> {
    let path = format!("/proc/{pid}/{file}");
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
}
