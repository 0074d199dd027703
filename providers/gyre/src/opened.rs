//! What the second wall finds open.

use crate::chosen_models::Choice;
use crate::state::StateDir;
use gyre_engine_ipc::EngineConfig;
use gyre_manifest::{App as Manifest, ResolvedVariables};
use gyre_runtime_config::RuntimeConfig;
use std::net::TcpListener;

/// What is opened before the second wall, by the only thread there is.
pub(crate) struct Opened {
    pub(crate) config: RuntimeConfig,
    pub(crate) manifest: Manifest,
    pub(crate) choice: Choice,
    pub(crate) state: StateDir,
    pub(crate) variables: ResolvedVariables,
    /// How the worker is run, if a component may use a model.
    pub(crate) worker: Option<EngineConfig>,
    /// Bound before components are compiled and models are loaded: that the address is taken is known at once.
    pub(crate) socket: TcpListener,
    /// The operators' socket, if they want one.
    pub(crate) admin: Option<TcpListener>,
}
