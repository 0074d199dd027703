//! The ways into a component, by what it exports.

use crate::sandbox::Sandbox;
use gyre_capability_redis::InboundPre;
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// A linked component that has one way in at least.
pub(crate) struct Entry {
    /// How it answers requests, if it does.
    pub(crate) http: Option<ServicePre<Sandbox>>,
    /// How it gets messages of a channel, if it does.
    pub(crate) channel: Option<InboundPre<Sandbox>>,
}

impl Entry {
    /// The error says what it lacks.
    pub(crate) fn of(linked: &InstancePre<Sandbox>) -> wasmtime::Result<Self> {
        let channel = InboundPre::of(linked);
        match ServicePre::new(linked.clone()) {
            Ok(http) => Ok(Self {
                http: Some(http),
                channel,
            }),
            Err(_no_http) if channel.is_some() => Ok(Self { http: None, channel }),
            Err(error) => Err(error),
        }
    }
}
