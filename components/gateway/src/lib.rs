//! Service `gateway`: the only public route. Bounds, names and passes on; knows no agent and no model.

pub mod bounds;
pub mod headers;
pub mod mint;
pub mod refusal;
pub mod request_id;
pub mod route;

#[cfg(target_family = "wasm")]
mod deadline;
#[cfg(target_family = "wasm")]
mod handler;
