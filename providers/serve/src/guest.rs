//! What a component can be called as, by what it exports.

use crate::sandbox::Sandbox;
use gyre_capability_redis::InboundPre;
use wasmtime::component::InstancePre;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// A component, linked. One that exports both is reached both ways.
pub(crate) enum Guest {
    /// `wasi:http/handler`.
    Http(ServicePre<Sandbox>),
    /// `spin:redis/inbound-redis`.
    Channel(InboundPre<Sandbox>),
    /// Both of them.
    Both(ServicePre<Sandbox>, InboundPre<Sandbox>),
}

impl Guest {
    /// The error says what it lacks.
    pub(crate) fn of(pre: InstancePre<Sandbox>) -> wasmtime::Result<Self> {
        match (ServicePre::new(pre.clone()), InboundPre::of(&pre)) {
            (Ok(http), None) => Ok(Self::Http(http)),
            (Err(_no_http), Some(channel)) => Ok(Self::Channel(channel)),
            (Ok(http), Some(channel)) => Ok(Self::Both(http, channel)),
            (Err(error), None) => Err(error),
        }
    }

    /// How it answers requests, if it does.
    pub(crate) fn http(&self) -> Option<&ServicePre<Sandbox>> {
        match self {
            Self::Http(http) | Self::Both(http, _) => Some(http),
            Self::Channel(_) => None,
        }
    }

    /// How it gets messages, if it does.
    pub(crate) fn channel(&self) -> Option<&InboundPre<Sandbox>> {
        match self {
            Self::Channel(channel) | Self::Both(_, channel) => Some(channel),
            Self::Http(_) => None,
        }
    }
}
