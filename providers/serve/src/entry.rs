//! The ways into a component, by what it exports.

use crate::BuildError;
use crate::guest::Guest;
use crate::sandbox::Sandbox;
use gyre_capability_redis::InboundPre;
use wasmtime::Engine;
use wasmtime::component::{Component as Wasm, InstancePre};

/// A linked component that has one way in at least.
pub(crate) struct Entry {
    /// How it answers requests, if it does.
    pub(crate) http: Option<Guest>,
    /// How it gets messages of a channel, if it does.
    pub(crate) channel: Option<InboundPre<Sandbox>>,
}

impl Entry {
    /// The error says what it lacks.
    pub(crate) fn of(
        engine: &Engine,
        wasm: &Wasm,
        linked: InstancePre<Sandbox>,
        component: &str,
    ) -> Result<Self, BuildError> {
        let channel = InboundPre::of(&linked);
        match Guest::of(engine, wasm, linked, component) {
            Ok(http) => Ok(Self {
                http: Some(http),
                channel,
            }),
            Err(BuildError::Export { .. }) if channel.is_some() => Ok(Self { http: None, channel }),
            Err(error) => Err(error),
        }
    }
}
