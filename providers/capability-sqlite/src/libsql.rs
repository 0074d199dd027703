//! A database kept by a libSQL server, spoken to by Hrana 3 over HTTP, as Spin's own client speaks.

mod exchange;
mod stream;
mod wire;

pub use exchange::{NoServer, Server};
pub(crate) use stream::Remote;

#[cfg(test)]
mod tests;
