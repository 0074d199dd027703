//! Outbound HTTP of a sandbox (`wasi:http/client`).
//!
//! A component reaches the hosts its `allowed_outbound_hosts` name and no others. A host that ends in
//! `.spin.internal` is a neighbour in the same application and is called in process (service chaining).

mod allowed;
mod egress;

pub use allowed::{AllowedHosts, ParseError};
pub use egress::{Chain, ChainFuture, Decision, Egress};

/// Ends the name of a host that is a component of this application.
pub const INTERNAL_SUFFIX: &str = ".spin.internal";
