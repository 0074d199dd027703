//! Service `memory`: sessions as append-only logs of turns.

pub mod mcp;
pub mod name;
pub mod recall;
pub mod session;
pub mod turn;

#[cfg(target_family = "wasm")]
mod handler;
