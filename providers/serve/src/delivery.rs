//! One message: a fresh sandbox of its component, with the limits of any call.

use crate::CallError;
use crate::app::App;
use crate::call::bounded;
use crate::neighbours::Way;
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
        let (trace, observed) = self.observe(&service, Way::FIRST_MESSAGE);
        let whole = async {
            let mut store = service.store(&self.scope(&service, trace, Way::FIRST_MESSAGE.hops))?;
            channel.call(&mut store, payload).await
        };
        let handled = match bounded(&service, whole).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(kind)) => Err(CallError::MessageRefused {
                component: service.id.to_string(),
                kind,
            }),
            Err(error) => Err(error),
        };
        observed.finish(&handled);
        handled
    }
}
