//! Outbound HTTP of a sandbox (`wasi:http/client`, `wasi:http/outgoing-handler`), and what its sockets may reach.
//!
//! A component reaches the hosts its `allowed_outbound_hosts` name and no others. A host that ends in
//! `.spin.internal` is a neighbour in the same application and is called in process (service chaining); one without
//! a host is the application itself. Everything else goes out by [`Outbound`], which resolves a name once and connects
//! to the address that it has checked.

mod allowed;
mod blocked;
mod budget;
mod destination;
mod egress;
mod exchange;
mod host_name;
mod idle;
mod network;
mod outbound;
mod tls;

pub use allowed::{AllowedHosts, ParseError};
pub use blocked::{BlockedNetworks, BlockedNetworksError};
pub use budget::Budget;
pub use egress::{Chain, ChainFuture, Decision, Egress};
pub use network::Network;
pub use outbound::{Networking, Outbound};

/// Ends the name of a host that is a component of this application.
pub const INTERNAL_SUFFIX: &str = ".spin.internal";
