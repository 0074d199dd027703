//! Core modules of WASI preview 1, with `wasi_ephemeral_nn`.

use crate::error::{Cause, Error};
use crate::memory::Memory;
use crate::{Program, nn};
use tokio::sync::watch;
use wasmtime::{Engine, InstancePre, Linker, Store};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi_nn::witx::{self, WasiNnCtx};

const START: &str = "_start";

/// A module that is compiled and linked, in its store.
pub(crate) struct Module {
    store: Store<State>,
    entry: InstancePre<State>,
}

/// What the store of a module holds.
struct State {
    wasi: WasiP1Ctx,
    nn: WasiNnCtx,
    memory: Memory,
}

/// Compiles and links a module with its grants. `stopped` ends a call of an engine under way.
pub(crate) async fn prepare(
    engine: &Engine,
    bytes: &[u8],
    program: &Program,
    stopped: watch::Receiver<bool>,
) -> Result<Module, Error> {
    let refused = |cause| Error::file(&program.file, cause);
    let module = wasmtime::Module::new(engine, bytes)
        .map_err(|error| refused(Cause::Invalid(format!("{error:#}"))))?;
    if module
        .get_export(START)
        .and_then(|export| export.func().cloned())
        .is_none()
    {
        return Err(refused(Cause::NoStart));
    }
    let mut linker = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, |state: &mut State| &mut state.wasi).map_err(Error::Engine)?;
    witx::add_to_linker(&mut linker, |state: &mut State| &mut state.nn).map_err(Error::Engine)?;
    let entry = linker
        .instantiate_pre(&module)
        .map_err(|error| refused(Cause::Link(format!("{error:#}"))))?;
    let name = program.file.to_string_lossy();
    let state = State {
        wasi: program.grants.wasi(&name, &program.arguments)?.build_p1(),
        nn: nn::context(&program.grants, stopped).await?,
        memory: Memory::new(program.limits.memory_bytes_max),
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.memory);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    Ok(Module { store, entry })
}

impl Module {
    /// Runs it to its end.
    pub(crate) async fn run(mut self) -> wasmtime::Result<Result<(), ()>> {
        let instance = self.entry.instantiate_async(&mut self.store).await?;
        let start = instance.get_typed_func::<(), ()>(&mut self.store, START)?;
        start.call_async(&mut self.store, ()).await.map(Ok)
    }
}
