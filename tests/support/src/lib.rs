//! Real `gyre up` processes for tests: each with its own port, state and models, killed when dropped.

mod artefacts;
mod cli;
mod client;
mod raw;
pub mod registry;
mod server;
mod setup;
mod sse;

pub use artefacts::{guests, host, repository, share_compiled, tools};
pub use cli::{Finished, gyre};
pub use client::client;
pub use raw::{RawAnswer, exchange};
pub use server::Server;
pub use setup::Setup;
pub use sse::{Event, Events};
