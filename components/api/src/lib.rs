//! Service `api`: agents, documents, search, runs and sessions as REST and SSE.

pub mod chat;
pub mod failure;
pub mod health;
pub mod names;
pub mod new_agent;
pub mod recorder;
pub mod roster;
pub mod route;

#[cfg(target_family = "wasm")]
mod agents;
#[cfg(target_family = "wasm")]
mod created;
#[cfg(target_family = "wasm")]
mod events;
#[cfg(target_family = "wasm")]
mod handler;
#[cfg(target_family = "wasm")]
mod journal;
#[cfg(target_family = "wasm")]
mod pass;
#[cfg(target_family = "wasm")]
mod probe;
#[cfg(target_family = "wasm")]
mod run;
