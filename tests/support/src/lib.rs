//! Real `gyre up` processes for tests: each with its own port, state and models, killed when dropped.

mod artefacts;
mod certificate;
mod cli;
mod client;
mod hrana;
mod owned;
mod postgres;
mod raw;
mod redis;
pub mod registry;
mod server;
mod setup;
mod sse;
mod stop;

pub use artefacts::{guests, host, repository, share_compiled, tools};
pub use cli::{Finished, gyre};
pub use client::client;
pub use hrana::Hrana;
pub use postgres::Postgres;
pub use raw::{RawAnswer, exchange};
pub use redis::Redis;
pub use server::Server;
pub use setup::Setup;
pub use sse::{Event, Events};
