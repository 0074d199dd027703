//! `wasi_ephemeral_nn` for core modules, over the engine's worker: models by name only.
//!
//! The ABI knows no names of tensors: they are told apart by index. What is absent has no bytes.
//!
//! | Model | Input 0 | Output 0 | 1 | 2 | 3 |
//! |---|---|---|---|---|---|
//! | embedding | `texts` | `vectors` | `usage` | | |
//! | chat | `request` | `delta` | `finish` | `usage` | `tool_calls` |
//! | `gyre:models` | | `models` | | | |
//!
//! What they hold is what `gyre_capability_nn` says. A chat goes on with each further compute until `finish` has
//! bytes. The ABI frees nothing, so contexts, loads and the bytes they hold are bounded. Models from a guest's bytes
//! are refused as an unsupported operation: there is no backend that would take them.

mod bounds;
mod context;
mod registry;

use crate::error::Error;
use crate::grants::Grants;
use bounds::Bounds;
use gyre_capability_nn::CATALOG;
use gyre_capability_nn::session::Models;
use registry::Named;
use std::any::Any;
use std::sync::Arc;
use tokio::sync::watch;
use wasmtime_wasi_nn::Registry;
use wasmtime_wasi_nn::witx::WasiNnCtx;

/// What the published host panics with when a guest gives it a bad pointer.
const GUEST_ERROR: &str = "guest error conversion";

/// The host's side of the ABI with the models that are granted.
pub(crate) async fn context(grants: &Grants, stopped: watch::Receiver<bool>) -> Result<WasiNnCtx, Error> {
    let models = Models::new(grants.inference.clone(), grants.models.clone());
    let bounds = Arc::new(Bounds::default());
    let mut named = Named::new(bounds);
    for name in grants.models.iter().map(String::as_str).chain([CATALOG]) {
        let graph = models.graph(name).await.map_err(|refused| Error::Model {
            name: name.to_owned(),
            reason: refused.to_string(),
        })?;
        named.add(name, graph, stopped.clone());
    }
    Ok(WasiNnCtx::new([], Registry::from(named)))
}

/// Whether this panic is the published host's answer to a bad pointer of its guest.
pub(crate) fn is_bad_pointer(panic: &(dyn Any + Send)) -> bool {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    text.is_some_and(|text| text.contains(GUEST_ERROR))
}
