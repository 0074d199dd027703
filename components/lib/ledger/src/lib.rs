//! The port `gyre:ledger`, in the words of the services that import it.

#[cfg(feature = "double")]
pub mod double;
pub mod failure;
pub mod gather;
pub mod ledger;
pub mod name;
#[cfg(target_family = "wasm")]
pub mod port;

pub use failure::Failure;
pub use gather::{Gathered, gather};
pub use ledger::{Entry, Event, Ledger, Stream};
pub use name::{Family, StreamName};
