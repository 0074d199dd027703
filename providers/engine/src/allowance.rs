//! How long work may take on a very slow machine, before it counts as hung. Pure.

use std::time::Duration;

/// Floating point operations a second of a very slow machine, for all threads together.
const SLOW_FLOPS: u64 = 2_000_000_000;
/// Bytes a second of a very slow disk.
const SLOW_DISK: u64 = 5_000_000;
/// Operations for each parameter and token: one product, one sum.
const FLOPS_EACH: u64 = 2;

/// How long a step of so many tokens may take.
pub(crate) fn of_step(parameters: u64, tokens: usize) -> Duration {
    let operations = FLOPS_EACH
        .saturating_mul(parameters)
        .saturating_mul(tokens as u64);
    Duration::from_secs(operations / SLOW_FLOPS)
}

/// How long nothing may be told of the loading of a file of this size: contexts and buffers are made after its last part.
pub(crate) fn of_loading(bytes: u64) -> Duration {
    Duration::from_secs(bytes / SLOW_DISK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_step_may_be_long() {
        assert_eq!(of_step(25_000_000, 1), Duration::ZERO);
        assert_eq!(of_step(8_000_000_000, 512).as_secs(), 4096);
        assert_eq!(of_loading(5_000_000_000).as_secs(), 1000);
    }
}
