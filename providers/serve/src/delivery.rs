//! One message: a fresh sandbox of its component, with the limits of any call.

use crate::CallError;
use crate::app::App;
use crate::call::bounded;
use std::sync::Arc;

impl App {
    /// Hands a message to a component. Dropping the future ends the sandbox at once.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        component: &str,
        payload: Vec<u8>,
    ) -> Result<(), CallError> {
        let (service, _leave) = self.admit(component, payload.len() as u64, 0)?;
        let Some(channel) = &service.entry.channel else {
            return Err(service.failed(wasmtime::format_err!("it exports no spin:redis/inbound-redis")));
        };
        let whole = async {
            let mut store = service.store(self.neighbours(0), None)?;
            channel.call(&mut store, payload).await
        };
        bounded(service, whole)
            .await?
            .map_err(|kind| CallError::MessageRefused {
                component: service.id.to_string(),
                kind,
            })
    }
}
