//! Runs `describe` with no power over anything, within bounds of time and memory.

use crate::error::Error;
use std::path::Path;
use std::time::Duration;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

pub(crate) mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/tool",
        world: "gyre:tool/leaf",
        exports: { "gyre:tool/tool.describe": async },
    });
}

use bindings::exports::gyre::tool::types::ToolSpec;

const INTERFACE: &str = "gyre:tool/tool@0.1.0";
const MEMORY_BYTES_MAX: usize = 64 << 20;
const MEMORIES_MAX: usize = 4;
const TABLE_ELEMENTS_MAX: usize = 16_000;
/// How often a guest that computes without pause gives way, so that its time can end.
const TICK: Duration = Duration::from_millis(10);

/// What the leaf has: nothing.
struct Nothing {
    table: ResourceTable,
    wasi: WasiCtx,
    limits: StoreLimits,
}

impl WasiView for Nothing {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// What the leaf says of its tools, not checked yet.
pub(crate) async fn describe(file: &Path, wasm: &[u8], time_max: Duration) -> Result<Vec<ToolSpec>, Error> {
    let failed = |error: wasmtime::Error| Error::Failed {
        file: file.to_owned(),
        reason: one_line(&error),
    };
    let engine = engine().map_err(failed)?;
    let component = Component::from_binary(&engine, wasm).map_err(|error| Error::NotAComponent {
        file: file.to_owned(),
        reason: one_line(&error),
    })?;
    if component.get_export_index(None, INTERFACE).is_none() {
        return Err(Error::NotATool {
            file: file.to_owned(),
            interface: INTERFACE,
        });
    }
    match tokio::time::timeout(time_max, run(&engine, &component)).await {
        Ok(said) => said.map_err(failed),
        Err(_elapsed) => Err(Error::Timeout {
            file: file.to_owned(),
            limit_ms: u64::try_from(time_max.as_millis()).unwrap_or(u64::MAX),
        }),
    }
}

async fn run(engine: &Engine, component: &Component) -> wasmtime::Result<Vec<ToolSpec>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    // What Rust's standard library does at start it may do, and finds nothing. All else is there by name only, so that
    // the leaf can be linked; to use it is a trap.
    linker.define_unknown_imports_as_traps(component)?;
    let limits = StoreLimitsBuilder::new()
        .memory_size(MEMORY_BYTES_MAX)
        .memories(MEMORIES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        .build();
    let nothing = Nothing {
        table: ResourceTable::new(),
        wasi: WasiCtxBuilder::new().build(),
        limits,
    };
    let mut store = Store::new(engine, nothing);
    store.limiter(|nothing| &mut nothing.limits);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    let leaf = bindings::Leaf::instantiate_async(&mut store, component, &linker).await?;
    leaf.gyre_tool_tool().call_describe(&mut store).await
}

/// Wasmtime's reasons come with tables and traces.
fn one_line(error: &wasmtime::Error) -> String {
    let whole = format!("{error:#}");
    let words: Vec<&str> = whole.split_whitespace().collect();
    words.join(" ")
}

fn engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.wasm_component_model_async(true);
    config.epoch_interruption(true);
    let engine = Engine::new(&config)?;
    let clock = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = clock.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
    Ok(engine)
}
