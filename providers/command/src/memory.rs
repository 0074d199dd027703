//! How much memory a program takes, over all that it has.

use wasmtime::{ResourceLimiter, Result};

/// Elements of one table at most.
const TABLE_ELEMENTS_MAX: usize = 1_000_000;

/// Counts the bytes of all memories of a store.
#[derive(Debug)]
pub(crate) struct Memory {
    taken_bytes: usize,
    bytes_max: usize,
}

impl Memory {
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self {
            taken_bytes: 0,
            bytes_max: usize::try_from(bytes_max).unwrap_or(usize::MAX),
        }
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let taken = self.taken_bytes.saturating_add(desired.saturating_sub(current));
        let fits = taken <= self.bytes_max;
        if fits {
            self.taken_bytes = taken;
        } else {
            tracing::warn!(
                "the program asked for over {} bytes of memory and was refused; hint: --memory-bytes-max gives it more",
                self.bytes_max
            );
        }
        Ok(fits)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        Ok(desired <= TABLE_ELEMENTS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_share_one_bound() {
        let mut memory = Memory::new(100);
        let mut grows = |from, to| memory.memory_growing(from, to, None).expect("no trap");
        assert!(grows(0, 60) && grows(0, 30));
        assert!(!grows(60, 71), "71 + 30 bytes are too many");
        assert!(grows(60, 70));
        assert!(!grows(0, 1));
    }
}
