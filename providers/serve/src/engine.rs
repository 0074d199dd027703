//! The Wasm engine: compiler, pool and clock.

use crate::BuildError;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use wasmtime::{Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Core instances, memories and tables that one composed sandbox may need: a shell, a leaf and their adapters.
const CORE_INSTANCES_PER_SANDBOX: u32 = 16;
const MEMORIES_PER_SANDBOX: u32 = 4;
const TABLES_PER_SANDBOX: u32 = 12;
/// Stacks that one composed sandbox may need at once: its own, and one a task of a shell and of its leaf (measured: three).
const STACKS_PER_SANDBOX: u32 = 6;
const TABLE_ELEMENTS: usize = 4_000;
/// Each memory has addresses of its own, 4 GiB and a guard; a process has 128 TiB of them, for everything.
const MEMORIES_MAX: u32 = 20_000;
/// A stack and its guard are two mappings, there from the start; most of what the kernel allows is for sandboxes that wait.
const MAPPINGS_PER_STACK: u32 = 2;
const STACK_MAPPINGS_SHARE: u32 = 3;
/// What Linux allows a process where nobody has said otherwise.
const MAPPINGS_DEFAULT: u32 = 65_530;
/// What stays resident in a slot between two sandboxes (measured: more costs gigabytes after a burst).
const KEEP_RESIDENT_BYTES: usize = 16 * 1024;
/// How often a guest that computes without pause gives way.
pub(crate) const TICK: Duration = Duration::from_millis(10);

pub(crate) struct PoolConfig<'a> {
    /// Sandboxes that exist at once, those that wait to be used again included.
    pub(crate) sandboxes_max: u32,
    pub(crate) memory_bytes_max: u64,
    /// Where compiled components are kept.
    pub(crate) cache_dir: &'a Path,
}

/// The engine, and the cache of what it compiles.
pub(crate) fn build(pool: &PoolConfig<'_>) -> Result<(Engine, Cache), BuildError> {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.wasm_component_model_async(true);
    config.epoch_interruption(true);
    let cache = cache(pool.cache_dir).map_err(BuildError::Engine)?;
    config.cache(Some(cache.clone()));
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(allocation(pool)));
    let engine = Engine::new(&config).map_err(BuildError::Engine)?;
    start_clock(&engine).map_err(BuildError::Clock)?;
    Ok((engine, cache))
}

fn cache(directory: &Path) -> wasmtime::Result<Cache> {
    let mut config = CacheConfig::new();
    config.with_directory(directory);
    Cache::new(config)
}

fn allocation(pool: &PoolConfig<'_>) -> PoolingAllocationConfig {
    let sandboxes = pool.sandboxes_max;
    let mut allocation = PoolingAllocationConfig::default();
    allocation
        .total_component_instances(sandboxes)
        .total_core_instances(sandboxes.saturating_mul(CORE_INSTANCES_PER_SANDBOX))
        .total_memories(sandboxes.saturating_mul(MEMORIES_PER_SANDBOX).min(MEMORIES_MAX))
        .total_tables(sandboxes.saturating_mul(TABLES_PER_SANDBOX))
        .total_stacks(stacks(sandboxes, mappings_max()))
        .max_core_instances_per_component(CORE_INSTANCES_PER_SANDBOX)
        .max_memories_per_component(MEMORIES_PER_SANDBOX)
        .max_tables_per_component(TABLES_PER_SANDBOX)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(usize::try_from(pool.memory_bytes_max).unwrap_or(usize::MAX))
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(KEEP_RESIDENT_BYTES);
    allocation
}

/// Stacks for this many sandboxes: as many as they could use at once, unless the kernel allows fewer mappings. One that
/// finds none is refused like one too many.
fn stacks(sandboxes: u32, mappings_max: u32) -> u32 {
    let wanted = sandboxes.saturating_mul(STACKS_PER_SANDBOX);
    wanted.min((mappings_max / STACK_MAPPINGS_SHARE / MAPPINGS_PER_STACK).max(STACKS_PER_SANDBOX))
}

/// Mappings that the kernel allows a process.
fn mappings_max() -> u32 {
    let told = std::fs::read_to_string("/proc/sys/vm/max_map_count");
    told.ok()
        .and_then(|told| told.trim().parse().ok())
        .unwrap_or(MAPPINGS_DEFAULT)
}

/// Advances the epoch for as long as the engine is in use, so that no guest holds a thread.
fn start_clock(engine: &Engine) -> std::io::Result<()> {
    let engine = engine.weak();
    let clock = move || {
        let mut next = Instant::now();
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            // By the wall: what a tick came late is not added to the next.
            next += TICK;
            let now = Instant::now();
            match next.checked_duration_since(now) {
                Some(rest) => thread::sleep(rest),
                None => next = now,
            }
        }
    };
    thread::Builder::new()
        .name("gyre-clock".to_owned())
        .spawn(clock)
        .map(|_runs_by_itself| ())
}

#[cfg(test)]
mod tests {
    use super::stacks;

    #[test]
    fn stacks_leave_mappings_to_those_who_wait() {
        for (sandboxes, mappings_max, expected) in [
            (1, 65_530, 6),
            (1_000, 65_530, 6_000),
            (1_820, 65_530, 10_920),
            (10_000, 65_530, 10_921),
            (10_000, 1_048_576, 60_000),
            (10, 0, 6),
            (u32::MAX, u32::MAX, 715_827_882),
        ] {
            assert_eq!(stacks(sandboxes, mappings_max), expected, "{sandboxes}");
        }
    }
}
