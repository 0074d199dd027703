//! What a process has computed, as the kernel counts it.
//!
//! On a machine that others use too it says more than the clock does.

use anyhow::{Context, Result};
use std::path::PathBuf;

/// The kernel tells times in this unit, whatever it counts in itself.
const TICKS_PER_SECOND: f64 = 100.0;
/// Fields of `stat` behind the program's name: ticks in user mode, and those in the kernel.
const USER_FIELD: usize = 11;
const KERNEL_FIELD: usize = 12;

/// Seconds that a process and those it started have computed.
pub(crate) fn seconds(pid: u32) -> Result<f64> {
    let own = ticks(&read(PathBuf::from(format!("/proc/{pid}/stat")))?)
        .with_context(|| format!("/proc/{pid}/stat tells no times"))?;
    let mut all = own / TICKS_PER_SECOND;
    for child in children(pid)? {
        all += seconds(child)?;
    }
    Ok(all)
}

fn children(pid: u32) -> Result<Vec<u32>> {
    let mut children = Vec::new();
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end meanwhile; it has no children then.
        let listed = std::fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
        children.extend(
            listed
                .split_whitespace()
                .filter_map(|pid| pid.parse::<u32>().ok()),
        );
    }
    Ok(children)
}

/// The name may have spaces and brackets; behind its last bracket are numbers only.
fn ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let field = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some(field(USER_FIELD)? + field(KERNEL_FIELD)?)
}

fn read(path: PathBuf) -> Result<String> {
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_behind_any_name() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 5 0 0 0 31 11 0 0 20 0 1 0 9 9 9";
        assert_eq!(ticks(stat), Some(42.0));
        assert_eq!(ticks("7 (a"), None);
    }

    #[test]
    fn a_process_that_computes_is_seen_to() {
        let before = seconds(std::process::id()).unwrap();
        let mut sum = 0_u64;
        while seconds(std::process::id()).unwrap() <= before {
            sum = std::hint::black_box((0..1_000_000_u64).fold(sum, u64::wrapping_add));
        }
    }
}
