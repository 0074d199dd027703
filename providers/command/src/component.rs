//! Components that export `wasi:cli/run`, 0.2 or 0.3.

use crate::Program;
use crate::egress::Egress;
use crate::error::{Cause, Error};
use crate::memory::Memory;
use gyre_capability_nn::session::PROGRAM;
use gyre_capability_nn::{NnCtx, NnCtxView, NnView};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::p2::bindings::CommandPre as Command2;
use wasmtime_wasi::p3::bindings::CommandPre as Command3;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The interface of a command; its version follows.
const RUN: &str = "wasi:cli/run@";
const HANDLERS: [&str; 2] = ["wasi:http/handler", "wasi:http/incoming-handler"];
const SERVICE: &str = "it is a service: name it in a spin.toml and start `gyre up`";
const LIBRARY: &str = "build a program, with a function main, for wasm32-wasip2";
/// Exports named in a message.
const EXPORTS_TOLD: usize = 5;

/// A command that is compiled and linked, in its store.
pub(crate) struct Command {
    store: Store<State>,
    entry: Entry,
}

enum Entry {
    V2(Command2<State>),
    V3(Command3<State>),
}

/// What the store of a command holds: a field a capability.
pub(crate) struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    egress: Egress,
    nn: NnCtx,
    memory: Memory,
}

/// Compiles and links a command with its grants.
pub(crate) fn prepare(engine: &Engine, bytes: &[u8], program: &Program) -> Result<Command, Error> {
    let refused = |cause| Error::file(&program.file, cause);
    let component =
        Component::new(engine, bytes).map_err(|error| refused(Cause::Invalid(format!("{error:#}"))))?;
    let version = version(engine, &component).map_err(refused)?;
    let mut linker = Linker::new(engine);
    link(&mut linker).map_err(Error::Engine)?;
    let linked = |error: wasmtime::Error| refused(Cause::Link(format!("{error:#}")));
    let instance = linker.instantiate_pre(&component).map_err(linked)?;
    let entry = match version {
        Version::V2 => Entry::V2(Command2::new(instance).map_err(linked)?),
        Version::V3 => Entry::V3(Command3::new(instance).map_err(linked)?),
    };
    let mut store = Store::new(engine, state(program)?);
    store.limiter(|state| &mut state.memory);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    Ok(Command { store, entry })
}

fn state(program: &Program) -> Result<State, Error> {
    let name = program.file.to_string_lossy();
    let grants = &program.grants;
    Ok(State {
        table: ResourceTable::new(),
        wasi: grants.wasi(&name, &program.arguments)?.build(),
        http: WasiHttpCtx::new(),
        egress: Egress(grants.allowed_hosts.clone()),
        nn: NnCtx::new(grants.inference.clone(), grants.models.clone(), PROGRAM.into()).granted_by_option(),
        memory: Memory::new(program.limits.memory_bytes_max),
    })
}

fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi::p3::add_to_linker(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    wasmtime_wasi_http::p3::add_to_linker(linker)?;
    gyre_capability_nn::add_to_linker(linker)
}

#[derive(Debug, Clone, Copy)]
enum Version {
    V2,
    V3,
}

/// Which `wasi:cli/run` the component exports.
fn version(engine: &Engine, component: &Component) -> Result<Version, Cause> {
    let ty = component.component_type();
    let exports: Vec<String> = ty.exports(engine).map(|(name, _)| name.to_owned()).collect();
    let of = |version: &str| {
        exports
            .iter()
            .filter_map(|name| name.strip_prefix(RUN))
            .any(|given| given.starts_with(version))
    };
    if of("0.3.") {
        return Ok(Version::V3);
    }
    if of("0.2.") {
        return Ok(Version::V2);
    }
    let service = exports
        .iter()
        .any(|name| HANDLERS.iter().any(|handler| name.starts_with(handler)));
    Err(Cause::NoCommand {
        exports: told(&exports),
        cure: if service { SERVICE } else { LIBRARY },
    })
}

fn told(exports: &[String]) -> String {
    match exports {
        [] => "nothing".to_owned(),
        _ => exports[..exports.len().min(EXPORTS_TOLD)].join(", "),
    }
}

impl Command {
    /// Runs it to its end.
    pub(crate) async fn run(mut self) -> wasmtime::Result<Result<(), ()>> {
        match self.entry {
            Entry::V2(entry) => {
                let command = entry.instantiate_async(&mut self.store).await?;
                command.wasi_cli_run().call_run(&mut self.store).await
            }
            Entry::V3(entry) => {
                let command = entry.instantiate_async(&mut self.store).await?;
                self.store
                    .run_concurrent(async |accessor| command.wasi_cli_run().call_run(accessor).await)
                    .await?
            }
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.egress,
        }
    }
}

impl NnView for State {
    fn nn(&mut self) -> NnCtxView<'_> {
        NnCtxView {
            ctx: &mut self.nn,
            table: &mut self.table,
        }
    }
}
