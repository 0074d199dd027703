//! Runs an application: its HTTP and Redis triggers, the calls between its components, one fresh sandbox a call.
//!
//! [`App::build`] turns a manifest into services ready to be called; [`listen`] puts the public routes on a socket.
//! Every call, from outside or from a neighbour, takes the same road: admission, a sandbox from the pool, the guest's
//! handler within its bounds, and a body that ends cleanly only when the sandbox did. A sandbox is fresh, unless the
//! manifest says that the component's are used again.

mod admin;
mod admission;
mod answer;
mod app;
mod body;
mod call;
mod call_error;
mod connection;
mod counted;
mod delivery;
mod denied;
mod engine;
mod entry;
mod error;
mod exchange;
mod failure;
mod fixed;
mod folders;
mod grants;
mod guest;
mod guest_log;
mod http02;
mod http03;
mod idle;
mod instance;
mod listen;
mod measure;
mod meter;
mod metrics;
mod mounts;
mod neighbours;
mod observe;
mod outcome;
mod problem;
mod receiver;
mod redis_trigger;
mod request;
mod sandbox;
mod scrape;
mod service;
mod shared;
mod sockets;
mod spin_headers;
mod staging;
mod stall;
mod subscription;
pub mod ticks;
mod unsupported;
mod wiring;

pub use admin::{Admin, Phase};
pub use app::App;
pub use call_error::CallError;
pub use error::{BuildError, ListenError};
pub use failure::Failure;
pub use guest_log::GuestOutput;
pub use gyre_capability_http::{BlockedNetworks, Networking};
pub use listen::{Bounds, Server, bind, listen};
pub use metrics::Metrics;
pub use redis_trigger::Channels;
pub use shared::Config;
pub use staging::FilesError;
pub use subscription::Subscription;
pub use wiring::Change;
