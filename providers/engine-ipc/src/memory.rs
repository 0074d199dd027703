//! Memory: what a model takes, and what a new process can have, read from the kernel.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The session of a graph with its threads, the tensors of a call, and a batch of an encoder's.
const SESSION_BYTES: u64 = 32 << 20;
/// Bytes of a tokenizer in memory for each byte of its file, which names every word once: tables in both directions.
const TOKENIZER_TIMES: u64 = 8;

const MEMINFO: &str = "/proc/meminfo";
const CGROUP: &str = "/proc/self/cgroup";
const CGROUPS: &str = "/sys/fs/cgroup";

/// What a model takes of memory. The weights are as loaded, once they are; the rest follows from the model's header
/// and the bounds on its context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryBytes {
    /// Its weights, and those of its adapters and its draft model.
    pub weights: u64,
    /// Its KV memory, which is reserved whole.
    pub kv: u64,
    /// Buffers of one batch's computation.
    pub compute: u64,
}

impl MemoryBytes {
    /// Of a graph of ONNX with files of these sizes. Nearly all of a graph's file is weights. ONNX Runtime packs the weights
    /// of products anew for its kernels and tells no sizes, so the same again is counted as what it computes with.
    #[must_use]
    pub fn of_graph(graph_bytes: u64, tokenizer_bytes: u64) -> Self {
        let tokenizer = tokenizer_bytes.saturating_mul(TOKENIZER_TIMES);
        Self {
            weights: graph_bytes.saturating_add(tokenizer),
            kv: 0,
            compute: graph_bytes.saturating_add(SESSION_BYTES),
        }
    }

    /// Of both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            weights: self.weights.saturating_add(other.weights),
            kv: self.kv.saturating_add(other.kv),
            compute: self.compute.saturating_add(other.compute),
        }
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.weights.saturating_add(self.kv).saturating_add(self.compute)
    }
}

/// Bytes of memory that a new process can have: of the machine, or of the group this process is confined to.
#[must_use]
pub fn free() -> Option<u64> {
    let machine = std::fs::read_to_string(MEMINFO)
        .ok()
        .as_deref()
        .and_then(available);
    let group = std::fs::read_to_string(CGROUP)
        .ok()
        .and_then(|groups| group_path(&groups, Path::new(CGROUPS)))
        .and_then(|path| free_in_group(&path, Path::new(CGROUPS)));
    machine.into_iter().chain(group).min()
}

/// `MemAvailable` of /proc/meminfo, in bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1024)
}

/// The folder of this process's group (cgroup v2). In a container the path may be that of the host: then the
/// root is what confines it.
fn group_path(groups: &str, root: &Path) -> Option<PathBuf> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let path = root.join(path);
    Some(if path.is_dir() { path } else { root.to_owned() })
}

/// The least that a group or one above it leaves; memory of files can be had back at once.
fn free_in_group(group: &Path, root: &Path) -> Option<u64> {
    let number = |folder: &Path, file: &str| -> Option<u64> {
        std::fs::read_to_string(folder.join(file))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    let free = |folder: &Path| {
        // `max` is no number: not limited here.
        let limit = number(folder, "memory.max")?;
        let used = number(folder, "memory.current")?;
        let files = std::fs::read_to_string(folder.join("memory.stat"))
            .ok()
            .and_then(|stat| file_bytes(&stat))
            .unwrap_or(0);
        Some(limit.saturating_sub(used.saturating_sub(files)))
    };
    group
        .ancestors()
        .take_while(|folder| folder.starts_with(root))
        .filter_map(free)
        .min()
}

fn file_bytes(stat: &str) -> Option<u64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("file "))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_machine_says_what_is_available() {
        let cases = [
            ("MemTotal: 8 kB\nMemAvailable:       3 kB\n", Some(3072)),
            ("MemTotal: 8 kB\n", None),
            ("MemAvailable: many kB\n", None),
        ];
        for (meminfo, expected) in cases {
            assert_eq!(available(meminfo), expected, "{meminfo}");
        }
    }

    #[test]
    fn a_group_leaves_what_the_narrowest_above_it_leaves() {
        let root = tempfile::tempdir().expect("a folder");
        let group = root.path().join("a/b");
        fs::create_dir_all(&group).expect("folders");
        let write = |folder: &str, limit: &str, used: &str, stat: &str| {
            for (file, text) in [
                ("memory.max", limit),
                ("memory.current", used),
                ("memory.stat", stat),
            ] {
                fs::write(root.path().join(folder).join(file), text).expect("a file");
            }
        };
        assert_eq!(free_in_group(&group, root.path()), None, "not limited");
        write("a/b", "max\n", "50\n", "");
        assert_eq!(free_in_group(&group, root.path()), None, "not limited");
        write("a", "1000\n", "400\n", "anon 100\nfile 300\n");
        assert_eq!(free_in_group(&group, root.path()), Some(900));
        write("a/b", "500\n", "600\n", "anon 600\n");
        assert_eq!(free_in_group(&group, root.path()), Some(0));
        assert_eq!(group_path("0::/a/b\n", root.path()), Some(group));
        assert_eq!(
            group_path("0::/not/here\n", root.path()),
            Some(root.path().to_owned())
        );
        assert_eq!(group_path("1:cpu:/\n", root.path()), None);
    }
}
