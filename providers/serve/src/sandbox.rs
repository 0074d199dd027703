//! What the store of one sandbox holds: a field a capability.

use crate::denied;
use gyre_capability_http::{Chain, Egress};
use gyre_capability_key_value::{KeyValueCtx, KeyValueCtxView, KeyValueView};
use gyre_capability_llm::LlmCtx;
use gyre_capability_nn::{NnCtx, NnCtxView, NnView};
use gyre_capability_otel::{CallTrace, OtelCtx};
use gyre_capability_postgres::{PostgresCtx, PostgresCtxView, PostgresView};
use gyre_capability_redis::{RedisCtx, RedisCtxView, RedisView};
use gyre_capability_sqlite::{SqliteCtx, SqliteCtxView, SqliteView};
use gyre_capability_variables::VariablesCtx;
use std::sync::Arc;
use wasmtime::StoreLimits;
use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

pub(crate) struct Sandbox {
    pub(crate) table: ResourceTable,
    pub(crate) wasi: WasiCtx,
    pub(crate) http: WasiHttpCtx,
    pub(crate) egress: Egress,
    pub(crate) variables: VariablesCtx,
    pub(crate) sqlite: SqliteCtx,
    pub(crate) key_value: KeyValueCtx,
    pub(crate) nn: NnCtx,
    pub(crate) llm: LlmCtx,
    pub(crate) redis: RedisCtx,
    pub(crate) postgres: PostgresCtx,
    pub(crate) otel: OtelCtx,
    pub(crate) limits: StoreLimits,
}

/// The call that a sandbox is made for.
pub(crate) struct CallScope {
    /// The way to the rest of the application.
    pub(crate) chain: Arc<dyn Chain>,
    pub(crate) trace: Arc<CallTrace>,
    /// Marks what the guest writes to its log.
    pub(crate) request_id: Option<String>,
}

impl Sandbox {
    /// Makes it ready for another call: what counts per call begins again.
    pub(crate) fn renew(&mut self, call: CallScope) {
        self.egress.chain = call.chain;
        self.egress.budget.renew();
        self.otel = OtelCtx::new(call.trace);
    }
}

/// Gives guests every interface this host has; what each may do with one is in its sandbox.
pub(crate) fn link(linker: &mut Linker<Sandbox>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi::p3::add_to_linker(linker)?;
    denied::add_to_linker(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    wasmtime_wasi_http::p3::add_to_linker(linker)?;
    gyre_capability_variables::add_to_linker(linker, |sandbox| &mut sandbox.variables)?;
    gyre_capability_sqlite::add_to_linker(linker)?;
    gyre_capability_key_value::add_to_linker(linker)?;
    gyre_capability_nn::add_to_linker(linker)?;
    gyre_capability_llm::add_to_linker(linker, |sandbox| &mut sandbox.llm)?;
    gyre_capability_redis::add_to_linker(linker)?;
    gyre_capability_postgres::add_to_linker(linker)?;
    gyre_capability_otel::add_to_linker(linker, |sandbox| &mut sandbox.otel)?;
    Ok(())
}

impl WasiView for Sandbox {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Sandbox {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.egress,
        }
    }
}

impl SqliteView for Sandbox {
    fn sqlite(&mut self) -> SqliteCtxView<'_> {
        SqliteCtxView {
            ctx: &mut self.sqlite,
            table: &mut self.table,
        }
    }
}

impl KeyValueView for Sandbox {
    fn key_value(&mut self) -> KeyValueCtxView<'_> {
        KeyValueCtxView {
            ctx: &mut self.key_value,
            table: &mut self.table,
        }
    }
}

impl NnView for Sandbox {
    fn nn(&mut self) -> NnCtxView<'_> {
        NnCtxView {
            ctx: &mut self.nn,
            table: &mut self.table,
        }
    }
}

impl RedisView for Sandbox {
    fn redis(&mut self) -> RedisCtxView<'_> {
        RedisCtxView {
            ctx: &mut self.redis,
            table: &mut self.table,
        }
    }
}

impl PostgresView for Sandbox {
    fn postgres(&mut self) -> PostgresCtxView<'_> {
        PostgresCtxView {
            ctx: &mut self.postgres,
            table: &mut self.table,
        }
    }
}
