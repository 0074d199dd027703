//! Service chaining, and what every request that leaves a sandbox passes.

use crate::App;
use crate::observe;
use crate::service::Service;
use gyre_capability_http::{Chain, ChainFuture, Decision};
use gyre_capability_otel::CallTrace;
use http::Request;
use std::sync::Arc;
use wasmtime_wasi_http::WasiBody;

/// How a call came here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    /// Calls that led here.
    pub(crate) hops: u8,
    /// What is asked of the component, as a span's name says it.
    pub(crate) operation: &'static str,
}

impl Way {
    pub(crate) const FIRST: Self = Self {
        hops: 0,
        operation: "handle",
    };
    pub(crate) const FIRST_TICK: Self = Self {
        hops: 0,
        operation: "tick",
    };
}

/// Service chaining: the rest of the application, as one sandbox sees it.
pub(crate) struct Neighbours {
    pub(crate) app: Arc<App>,
    /// Who calls.
    pub(crate) service: Arc<Service>,
    pub(crate) trace: Arc<CallTrace>,
    /// Calls that led here.
    pub(crate) hops: u8,
}

impl Chain for Neighbours {
    fn outgoing(&self, request: &mut Request<WasiBody>, decision: Decision) {
        observe::outgoing(&self.service.meter, &self.trace, request, decision);
    }

    fn call(&self, target: &str, request: Request<WasiBody>) -> ChainFuture {
        let way = Way {
            hops: self.hops + 1,
            ..Way::FIRST
        };
        let (app, target) = (Arc::clone(&self.app), target.to_owned());
        Box::pin(async move {
            app.call(&target, request, way).await.map_err(|error| {
                error.report();
                error.into()
            })
        })
    }
}
