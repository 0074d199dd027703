//! Service chaining: how one component calls another of the application, and the application itself.

use crate::App;
use crate::spin_headers::Reached;
use gyre_capability_http::{Chain, ChainFuture};
use http::Request;
use http::header::{CONNECTION, HOST};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use wasmtime_wasi_http::{Error, WasiBody};

/// The client of a chained call, which has no address: as Spin tells it.
const CHAINED_CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
/// The client of a call of the application to itself.
const OWN_CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The rest of the application, as one sandbox sees it.
pub(crate) struct Neighbours {
    app: Arc<App>,
    /// Calls that led here.
    hops: u16,
}

impl Neighbours {
    pub(crate) fn new(app: Arc<App>, hops: u16) -> Self {
        Self { app, hops }
    }
}

impl Chain for Neighbours {
    fn call(&self, target: &str, mut request: Request<WasiBody>) -> ChainFuture {
        let (app, target, hops) = (Arc::clone(&self.app), target.to_owned(), self.hops + 1);
        arrive(&mut request);
        Box::pin(async move { app.call(&target, request, hops).await.map_err(Into::into) })
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
