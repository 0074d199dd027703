//! `tool-double`: tools that misbehave, for tests. Every answer says that it is a double.

#[cfg(target_family = "wasm")]
mod leaf;
