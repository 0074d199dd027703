//! Anthropic's Messages API (version 2023-06-01), both sides. Nothing else in Gyre knows that wire.
//!
//! [`face`] serves its clients: their requests become those of `gyre_chat_wire`, and its completions and chunks
//! become messages and events. [`provider`] asks a server of it: the same the other way round. All types are plain
//! values, free of I/O; what is random or a time is an argument.

pub mod face;
pub mod provider;
mod wire;
