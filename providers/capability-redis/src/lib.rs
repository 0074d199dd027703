//! Redis of a sandbox (`spin:redis@3.0.0`), and what the Redis trigger needs of it.
//!
//! A component reaches the servers its `allowed_outbound_hosts` name, as `redis://host:port` or `rediss://host:port`.
//! Connections belong to one sandbox and end with it. Connecting, every reply and the bytes of a reply are bounded.

mod address;
mod connection;
mod failure;
mod host;
mod inbound;
mod reply;
mod socket;
mod subscriber;

pub use address::Address;
pub use connection::Connection;
pub use failure::ConnectError;
pub use inbound::InboundPre;
pub use subscriber::{Message, Subscriber};

use gyre_capability_http::AllowedHosts;
use std::sync::Arc;
use wasmtime::component::{HasData, Linker, ResourceTable};

mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/deps/redis",
        inline: "package gyre:capability-redis;
                 world host { import spin:redis/redis@3.0.0; export spin:redis/inbound-redis@3.0.0; }",
        imports: { default: async | trappable },
        exports: { default: async },
        with: { "spin:redis/redis.connection": crate::connection::Connection },
    });
}

/// Connections that one sandbox may hold open.
const CONNECTIONS_MAX: usize = 16;

/// What one sandbox may reach, and how many connections it holds.
#[derive(Debug)]
pub struct RedisCtx {
    component: Arc<str>,
    allowed: Arc<AllowedHosts>,
    open: usize,
}

impl RedisCtx {
    /// Lets a sandbox of `component` reach the servers in `allowed`.
    pub fn new(component: Arc<str>, allowed: Arc<AllowedHosts>) -> Self {
        Self {
            component,
            allowed,
            open: 0,
        }
    }
}

/// A view of the store of one sandbox.
pub struct RedisCtxView<'a> {
    /// What may be reached.
    pub ctx: &'a mut RedisCtx,
    /// Where open connections are kept.
    pub table: &'a mut ResourceTable,
}

/// Implemented by the data of a store that has Redis.
pub trait RedisView: Send {
    /// The view of this store.
    fn redis(&mut self) -> RedisCtxView<'_>;
}

/// Names the data of this interface for the linker.
struct Redis;

impl HasData for Redis {
    type Data<'a> = RedisCtxView<'a>;
}

/// Adds `spin:redis` to a linker.
pub fn add_to_linker<T: RedisView + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    bindings::spin::redis::redis::add_to_linker::<T, Redis>(linker, T::redis)
}
