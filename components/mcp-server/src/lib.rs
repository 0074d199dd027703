//! `mcp-server`: the shell that serves a tool leaf as MCP. One wasm under the Spin ids `tool-<name>`.
//!
//! `frozen` is what the build wrote down of the leaf, `outcome` is what a call of it becomes, `intake` reads requests; all
//! three are pure. `handler` calls the leaf.

pub mod frozen;
pub mod intake;
pub mod outcome;

#[cfg(target_family = "wasm")]
mod handler;
#[cfg(target_family = "wasm")]
mod leaf;
