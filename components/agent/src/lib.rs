//! The shell `agent`: a persona from a mounted file, the loop of `lib/agent-loop`, and the calls it asks for.
//!
//! One wasm serves every agent; Spin ids `agent-<name>` differ by persona file and grants.

pub mod failure;
pub mod persona;
pub mod request;

#[cfg(target_family = "wasm")]
mod driver;
#[cfg(target_family = "wasm")]
mod handler;
#[cfg(target_family = "wasm")]
mod knowledge;
#[cfg(target_family = "wasm")]
mod model;
