//! Service `runs`: the journal of what happened in each run.

pub mod journal;
pub mod name;
pub mod record;
pub mod request;
pub mod summary;
pub mod tick;
pub mod view;

#[cfg(target_family = "wasm")]
mod handler;
