//! The hook through which every outgoing request of a sandbox passes, of WASI 0.2 and 0.3 alike.

use crate::destination::Way;
use crate::outbound::Outbound;
use crate::{AllowedHosts, Budget};
use futures::future::BoxFuture;
use http::{Request, Response};
use std::sync::Arc;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// The answer of a neighbour.
pub type ChainFuture = BoxFuture<'static, Result<Response<WasiBody>, Error>>;

/// What becomes of an outgoing request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: its host is not granted.
    Denied,
    /// A neighbour is called.
    Neighbour,
    /// It goes to another host.
    Sent,
}

/// Calls within this application. Dropping a future, or the body it gives, cancels the call.
pub trait Chain: Send + Sync {
    /// Is told of every request before it goes out, and may add headers.
    fn outgoing(&self, request: &mut Request<WasiBody>, decision: Decision);

    /// Hands `request` to component `target`.
    fn call(&self, target: &str, request: Request<WasiBody>) -> ChainFuture;

    /// Hands `request` to whatever serves its path publicly.
    fn call_own(&self, request: Request<WasiBody>) -> ChainFuture;
}

/// What one sandbox may reach.
pub struct Egress {
    /// The component, for messages.
    pub component: Arc<str>,
    /// Its grants.
    pub allowed: Arc<AllowedHosts>,
    /// The way to its neighbours.
    pub chain: Arc<dyn Chain>,
    /// The way to everybody else.
    pub outbound: Arc<Outbound>,
    /// How many requests it may still send, denied ones included.
    pub budget: Budget,
}

type IoFuture = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, IoFuture), Error>;

impl WasiHttpHooks for Egress {
    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _response_result: IoFuture,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        if !self.budget.spend(&self.component) {
            self.chain.outgoing(&mut request, Decision::Denied);
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        let way = match Way::of(request.uri()) {
            Ok(way) => way,
            Err(error) => return Box::new(std::future::ready(Err(error))),
        };
        if !way.is_granted(&self.allowed) {
            self.report_denial(&way);
            self.chain.outgoing(&mut request, Decision::Denied);
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        self.chain.outgoing(&mut request, way.decision());
        let answer = match way {
            Way::Own => self.chain.call_own(request),
            Way::Neighbour { id, .. } => self.chain.call(&id, request),
            Way::Out { destination, .. } => {
                let (outbound, allowed) = (Arc::clone(&self.outbound), Arc::clone(&self.allowed));
                return Box::new(async move {
                    let sent = outbound.send(&allowed, &destination, request, options).await;
                    sent.map(|(answer, io)| (answer, Box::new(io) as IoFuture))
                });
            }
        };
        // A call in process has no connection to drive.
        Box::new(async move { Ok((answer.await?, Box::new(std::future::ready(Ok(()))) as IoFuture)) })
    }
}

impl Egress {
    fn report_denial(&self, way: &Way) {
        tracing::warn!(
            component = %self.component,
            "outbound request denied: add \"{way}\" to allowed_outbound_hosts of [component.{}] if it should be allowed",
            self.component,
        );
    }
}
