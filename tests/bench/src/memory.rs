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

/// What of a process lies in memory, pages of files included.
pub(crate) fn resident_kib(pid: u32) -> Result<u64> {
    let status = read(pid, "status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .with_context(|| format!("/proc/{pid}/status has no VmRSS"))
}

fn read(pid: u32, file: &str) -> Result<String> {
    let path = format!("/proc/{pid}/{file}");
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
}
