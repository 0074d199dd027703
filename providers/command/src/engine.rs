//! The Wasm engine for one program.

use crate::error::Error;
use std::path::Path;
use std::time::Duration;
use wasmtime::{Cache, CacheConfig, Config, Engine};

/// How often a guest that computes without pause gives way.
const TICK: Duration = Duration::from_millis(10);

/// An engine with its clock.
pub(crate) fn build(cache_dir: Option<&Path>) -> Result<Engine, Error> {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.wasm_component_model_async(true);
    config.epoch_interruption(true);
    if let Some(folder) = cache_dir {
        let mut cache = CacheConfig::new();
        cache.with_directory(folder);
        config.cache(Some(Cache::new(cache).map_err(Error::Engine)?));
    }
    let engine = Engine::new(&config).map_err(Error::Engine)?;
    start_clock(&engine);
    Ok(engine)
}

/// Advances the epoch for as long as the engine is in use, so that a spinning guest can be ended.
fn start_clock(engine: &Engine) {
    let engine = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
}
