//! The guest side of the Redis trigger: what a component exports to get messages.

use crate::bindings::exports::spin::redis::inbound_redis::GuestIndices;
use crate::bindings::spin::redis::redis::Error;
use std::future::poll_fn;
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, ComponentType, InstancePre, Lift, Lower};

/// The interface before `spin:redis` had versions.
const UNVERSIONED: &str = "fermyon:spin/inbound-redis";
const FUNCTION: &str = "handle-message";

/// A component that gets messages, ready to be instantiated.
pub struct InboundPre<T: 'static> {
    pre: InstancePre<T>,
    export: Export,
}

enum Export {
    /// `spin:redis/inbound-redis@3.0.0`.
    Version3(GuestIndices),
    /// `fermyon:spin/inbound-redis`.
    Unversioned(ComponentExportIndex),
}

/// `fermyon:spin/redis-types.error`.
#[expect(dead_code, reason = "values come from the guest, by the derived code")]
#[derive(ComponentType, Lift, Lower, Clone, Copy, Debug)]
#[component(enum)]
#[repr(u8)]
enum UnversionedError {
    #[component(name = "success")]
    Success,
    #[component(name = "error")]
    Error,
}

impl<T: Send + 'static> InboundPre<T> {
    /// The component's export for messages, if it has one; the newer where it has both.
    pub fn of(pre: &InstancePre<T>) -> Option<Self> {
        let export = match GuestIndices::new(pre) {
            Ok(indices) => Export::Version3(indices),
            Err(_not_exported) => {
                let component = pre.component();
                let interface = component.get_export_index(None, UNVERSIONED)?;
                Export::Unversioned(component.get_export_index(Some(&interface), FUNCTION)?)
            }
        };
        Some(Self {
            pre: pre.clone(),
            export,
        })
    }

    /// Hands `payload` to a fresh instance in `store`. The inner error is the guest's own, by its kind: what it
    /// says may hold anything.
    pub async fn call(
        &self,
        store: &mut Store<T>,
        payload: Vec<u8>,
    ) -> wasmtime::Result<Result<(), &'static str>> {
        let instance = self.pre.instantiate_async(&mut *store).await?;
        match &self.export {
            Export::Version3(indices) => {
                let guest = indices.load(&mut *store, &instance)?;
                store
                    .run_concurrent(async |accessor| {
                        let handled = guest.call_handle_message(accessor, payload).await?;
                        // What the guest has spawned may still be at work.
                        poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
                        wasmtime::error::Ok(handled.map_err(|error| kind(&error)))
                    })
                    .await?
            }
            Export::Unversioned(index) => {
                let function = instance
                    .get_typed_func::<(Vec<u8>,), (Result<(), UnversionedError>,)>(&mut *store, index)?;
                let (handled,) = function.call_async(&mut *store, (payload,)).await?;
                Ok(match handled {
                    Ok(()) | Err(UnversionedError::Success) => Ok(()),
                    Err(UnversionedError::Error) => Err("error"),
                })
            }
        }
    }
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::InvalidAddress => "invalid-address",
        Error::TooManyConnections => "too-many-connections",
        Error::TypeError => "type-error",
        Error::Other(_) => "other",
    }
}
