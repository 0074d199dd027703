//! Service chaining: how one component calls another of the application, and the application itself.

use crate::App;
use crate::observe;
use crate::service::Service;
use crate::spin_headers::Reached;
use gyre_capability_http::{Chain, ChainFuture, Decision};
use gyre_capability_otel::CallTrace;
use http::Request;
use http::header::{CONNECTION, HOST};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use wasmtime_wasi_http::{Error, WasiBody};

/// The client of a chained call, which has no address: as Spin tells it.
const CHAINED_CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
/// The client of a call of the application to itself.
const OWN_CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How a call came here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    /// Calls that led here.
    pub(crate) hops: u16,
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
    pub(crate) const FIRST_MESSAGE: Self = Self {
        hops: 0,
        operation: "message",
    };

    /// A request that this many calls led to.
    pub(crate) fn after(hops: u16) -> Self {
        Self { hops, ..Self::FIRST }
    }
}

/// The rest of the application, as one sandbox sees it, and what every request that leaves the sandbox passes.
pub(crate) struct Neighbours {
    pub(crate) app: Arc<App>,
    /// Who calls.
    pub(crate) service: Arc<Service>,
    pub(crate) trace: Arc<CallTrace>,
    /// Calls that led here.
    pub(crate) hops: u16,
}

impl Chain for Neighbours {
    fn outgoing(&self, request: &mut Request<WasiBody>, decision: Decision) {
        observe::outgoing(&self.service.meter, &self.trace, request, decision);
    }

    fn call(&self, target: &str, mut request: Request<WasiBody>) -> ChainFuture {
        let (app, target, way) = (
            Arc::clone(&self.app),
            target.to_owned(),
            Way::after(self.hops + 1),
        );
        arrive(&mut request);
        Box::pin(async move { app.call(&target, request, way).await.map_err(Into::into) })
    }

    fn call_own(&self, mut request: Request<WasiBody>) -> ChainFuture {
        let (app, hops) = (Arc::clone(&self.app), self.hops + 1);
        Box::pin(async move {
            let own = app
                .address()
                .map_or("localhost".to_owned(), |own| own.to_string());
            request.headers_mut().remove(HOST);
            request.headers_mut().remove(CONNECTION);
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = format!("http://{own}{path}")
                .parse()
                .map_err(|_| Error::HttpRequestUriInvalid)?;
            Ok(app.answer(OWN_CLIENT, request, hops).await)
        })
    }
}

/// Makes a request to a neighbour what a request from outside is. As with Spin, any path is served, and the URL that
/// the component is told has no name of a component.
fn arrive(request: &mut Request<WasiBody>) {
    let path = request.uri().path().to_owned();
    let whole = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let reached = Reached {
        full_url: format!("http://localhost{whole}"),
        path: &path,
        route: None,
        client: CHAINED_CLIENT,
    };
    let headers = request.headers_mut();
    headers.remove(HOST);
    headers.remove(CONNECTION);
    reached.tell(headers);
}
