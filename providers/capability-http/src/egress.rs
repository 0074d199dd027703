//! The hook through which every outgoing request of a sandbox passes.

use crate::{AllowedHosts, INTERNAL_SUFFIX};
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt;
use std::sync::Arc;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

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

/// Calls another component of this application.
pub trait Chain: Send + Sync {
    /// Is told of every request before it goes out, and may add headers.
    fn outgoing(&self, request: &mut Request<WasiBody>, decision: Decision);

    /// Hands `request` to component `target`. Dropping the future, or the body it gives, cancels the call.
    fn call(&self, target: &str, request: Request<WasiBody>) -> ChainFuture;
}

/// What one sandbox may reach.
pub struct Egress {
    /// The component, for messages.
    pub component: Arc<str>,
    /// Its grants.
    pub allowed: Arc<AllowedHosts>,
    /// The way to its neighbours.
    pub chain: Arc<dyn Chain>,
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
        if !self.allowed.allows(request.uri()) {
            self.report_denial(&request);
            self.chain.outgoing(&mut request, Decision::Denied);
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        match neighbour(&request) {
            Some(target) => {
                self.chain.outgoing(&mut request, Decision::Neighbour);
                let answer = self.chain.call(&target, request);
                Box::new(async move { Ok((answer.await?, finished())) })
            }
            None => {
                self.chain.outgoing(&mut request, Decision::Sent);
                Box::new(async move {
                    let (response, io) = default_send_request(request, options).await?;
                    Ok((response.map(BodyExt::boxed_unsync), Box::new(io) as IoFuture))
                })
            }
        }
    }
}

impl Egress {
    fn report_denial(&self, request: &Request<WasiBody>) {
        let uri = request.uri();
        let (scheme, authority) = (
            uri.scheme_str().unwrap_or("http"),
            uri.authority().map_or("", |authority| authority.as_str()),
        );
        tracing::warn!(
            component = %self.component,
            "outbound request denied: add \"{scheme}://{authority}\" to allowed_outbound_hosts of [component.{}] if it should be allowed",
            self.component,
        );
    }
}

fn neighbour(request: &Request<WasiBody>) -> Option<String> {
    request
        .uri()
        .host()?
        .strip_suffix(INTERNAL_SUFFIX)
        .map(str::to_owned)
}

/// A call in process has no connection to drive.
fn finished() -> IoFuture {
    Box::new(std::future::ready(Ok(())))
}
