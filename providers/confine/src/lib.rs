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

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod environment;
mod error;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod inherited;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod rules;
#[cfg(target_os = "linux")]
mod shed;
mod support;
mod system;
mod wall;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{limit_memory, shed};
pub use error::Error;
#[cfg(target_os = "linux")]
pub use process::limit_memory;
#[cfg(target_os = "linux")]
pub use shed::shed;
pub use support::Support;
pub use system::{gpu, libraries, loaders, machine, network_files};
pub use wall::{Mode, Network, Wall};
