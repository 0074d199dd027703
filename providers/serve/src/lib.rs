//! Runs an application: its HTTP triggers, the calls between its components, one fresh sandbox a call.
//!
//! [`App::build`] turns a manifest into services ready to be called; [`listen`] puts the public routes on a socket.
//! Every call, from outside or from a neighbour, takes the same road: admission, a sandbox from the pool, the guest's
//! handler within its bounds, and a body that ends cleanly only when the sandbox did. A sandbox is fresh, unless the
//! manifest says that the component's are used again.

mod admission;
mod app;
mod body;
mod call;
mod connection;
mod engine;
mod error;
mod failure;
mod grants;
mod idle;
mod instance;
mod listen;
mod meter;
mod problem;
mod sandbox;
mod service;
mod stall;

pub use app::{App, Config};
pub use error::{BuildError, CallError, ListenError};
pub use failure::Failure;
pub use listen::{Bounds, Server, listen};
