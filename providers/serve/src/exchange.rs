//! One call as its guest's task sees it.

use http::Response;
use tokio::sync::oneshot;
use wasmtime_wasi_http::WasiBody;

/// The other ends of one call.
pub(crate) struct Exchange {
    /// Takes the answer as soon as it has a head.
    pub(crate) response: oneshot::Sender<Response<WasiBody>>,
    /// Says that the body of the answer is over; only where the instance may be used again.
    pub(crate) body_over: Option<oneshot::Receiver<()>>,
}
