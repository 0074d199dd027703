//! Service chaining: how a sandbox calls its neighbours.

use crate::CallError;
use crate::app::App;
use crate::body::report;
use gyre_capability_http::{Chain, ChainFuture};
use http::Request;
use std::sync::Arc;
use wasmtime_wasi_http::{Error, WasiBody};

/// Calls one behind another at most, so that a circle ends.
pub(crate) const HOPS_MAX: u8 = 12;

/// The rest of the application, as one sandbox sees it.
pub(crate) struct Neighbours {
    pub(crate) app: Arc<App>,
    /// Calls that led here.
    pub(crate) hops: u8,
}

impl Chain for Neighbours {
    fn call(&self, target: &str, request: Request<WasiBody>) -> ChainFuture {
        let app = Arc::clone(&self.app);
        let target = target.to_owned();
        let hops = self.hops + 1;
        Box::pin(async move {
            app.call(&target, request, hops).await.map_err(|error| {
                report(&error);
                as_wasi(error)
            })
        })
    }
}

fn as_wasi(error: CallError) -> Error {
    match error {
        CallError::NotFound(_) => Error::DestinationNotFound,
        CallError::TooManyHops(_) => Error::LoopDetected,
        CallError::Overloaded { .. } => Error::ConnectionLimitReached,
        CallError::Timeout { .. } => Error::HttpResponseTimeout,
        CallError::TooLarge { .. } => Error::HttpResponseBodySize(None),
        CallError::Failed { .. } => Error::InternalError(Some(error.to_string())),
    }
}
