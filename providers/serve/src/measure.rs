//! For benches: what a request costs before its guest is called.

use crate::app::App;
use crate::{CallError, neighbours::Way};
use gyre_capability_otel::Telemetry;
use std::sync::Arc;

impl App {
    /// Makes an instance of a component as a request would, and drops it. For measuring only: it takes none of the
    /// places that requests take, and is not counted.
    pub async fn instantiate(self: &Arc<Self>, component: &str) -> Result<(), CallError> {
        let wiring = self.wiring();
        let service = wiring
            .services
            .get(component)
            .ok_or_else(|| CallError::NotFound(component.to_owned()))?;
        let trace = Telemetry::new(None).begin(&service.id, Way::FIRST.operation, None);
        let scope = self.scope(service, trace, Way::FIRST.hops);
        let made = service.instance(scope).await;
        made.map(drop).map_err(|error| service.failed(error))
    }
}
