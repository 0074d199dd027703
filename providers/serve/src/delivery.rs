//! One message: a fresh sandbox of its component, with the limits of any call.

use crate::CallError;
use crate::app::App;
use crate::service::Service;
use std::sync::Arc;
use std::time::Duration;

impl App {
    /// Hands a message to a component. Dropping the future ends the sandbox at once.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        component: &str,
        payload: Vec<u8>,
    ) -> Result<(), CallError> {
        let service = self.service(component)?;
        let limit_bytes = service.limits.request_bytes_max;
        if payload.len() as u64 > limit_bytes {
            return Err(CallError::MessageTooLarge {
                component: component.to_owned(),
                limit_bytes,
            });
        }
        let _permit = self.enter()?;
        let store = service.store(self.neighbours(0), None)?;
        run(service, store, payload).await
    }
}

async fn run(
    service: &Service,
    mut store: wasmtime::Store<crate::sandbox::Sandbox>,
    payload: Vec<u8>,
) -> Result<(), CallError> {
    let Some(channel) = &service.entry.channel else {
        return Err(service.failed(wasmtime::format_err!("it exports no spin:redis/inbound-redis")));
    };
    let limit = Duration::from_millis(service.limits.request_ms_max);
    match tokio::time::timeout(limit, channel.call(&mut store, payload)).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(kind))) => Err(CallError::MessageRefused {
            component: service.id.to_string(),
            kind,
        }),
        Ok(Err(error)) => Err(service.failed(error)),
        Err(_elapsed) => Err(service.timed_out()),
    }
}
