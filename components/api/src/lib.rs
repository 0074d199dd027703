//! Service `api`: agents, documents and search as REST and SSE.

pub mod chat;
pub mod failure;
pub mod health;
pub mod roster;
pub mod route;

#[cfg(target_family = "wasm")]
mod agents;
#[cfg(target_family = "wasm")]
mod handler;
#[cfg(target_family = "wasm")]
mod probe;
#[cfg(target_family = "wasm")]
mod run;
