//! The second wall: what the process of the host may do, whatever a guest does.
//!
//! The first wall is WebAssembly. This one is for the day it has a hole: native code in the host's process finds no
//! files but the application's, no credentials, no shell and few system calls. Two steps, in this order:
//!
//! 1. [`shed`], first of all: starts the program anew without the variables and files that it was not meant to have.
//! 2. [`Wall::enter`], once all is opened and before any thread is started: threads inherit what their creator may do,
//!    so one thread is all threads.
//!
//! Nothing here can be undone. What a kernel lacks is told, or refused, by [`Mode`].

mod environment;
mod error;
mod filter;
mod inherited;
mod process;
mod rules;
mod shed;
mod support;
mod system;
mod wall;

pub use error::Error;
pub use shed::shed;
pub use support::Support;
pub use system::{gpu, libraries, loaders, machine, network_files};
pub use wall::{Mode, Network, Wall};
