//! Runs an application: its HTTP triggers, the calls between its components, one fresh sandbox a call.
//!
//! [`App::build`] turns a manifest into services ready to be called; [`listen`] puts the public routes on a socket.
//! Every call, from outside or from a neighbour, takes the same road: admission, a fresh sandbox from the pool,
//! the guest's handler, and a body that ends cleanly only when the sandbox did.

mod admin;
mod admission;
mod app;
mod body;
mod call;
mod counted;
mod engine;
mod error;
mod grants;
mod listen;
mod metrics;
mod neighbours;
mod observe;
mod outcome;
mod sandbox;
mod scrape;
mod service;
pub mod ticks;
mod wiring;

pub use admin::{Admin, Phase};
pub use app::{App, Config};
pub use error::{BuildError, CallError, ListenError};
pub use listen::{Server, listen};
pub use metrics::Metrics;
pub use wiring::Change;
