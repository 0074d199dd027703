//! The shell `agent`: a persona from a mounted file, the loop of `lib/agent-loop`, and the calls it asks for.
//!
//! One wasm serves every agent; Spin ids `agent-<name>` differ by persona file and grants. `agent-custom` runs the agents
//! that were created at run time: their personas come with the call, and its grants are their ceiling.

pub mod failure;
pub mod persona;
pub mod request;
pub mod tool_specs;

#[cfg(target_family = "wasm")]
mod driver;
#[cfg(target_family = "wasm")]
mod handler;
#[cfg(target_family = "wasm")]
mod identity;
#[cfg(target_family = "wasm")]
mod knowledge;
#[cfg(target_family = "wasm")]
mod mcp;
#[cfg(target_family = "wasm")]
mod memory;
#[cfg(target_family = "wasm")]
mod model;
#[cfg(target_family = "wasm")]
mod tools;
