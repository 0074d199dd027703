//! What answers a public path: the host itself, a fixed answer, or a component.

use crate::App;
use crate::neighbours::Way;
use crate::problem::{problem, render};
use crate::spin_headers::Reached;
use crate::wiring::Wiring;
use bytes::Bytes;
use gyre_manifest::Handler;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use std::net::SocketAddr;
use std::sync::Arc;
use wasmtime_wasi_http::WasiBody;

/// Paths that the host answers, as Spin does; no route of an application is asked for them.
const WELL_KNOWN: &str = "/.well-known/spin/";

impl App {
    /// Answers a request with an absolute URI, by the route that its path takes. `hops` calls led here.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        client: SocketAddr,
        mut request: Request<WasiBody>,
        hops: u16,
    ) -> Response<WasiBody> {
        let path = request.uri().path().to_owned();
        let wiring = self.wiring();
        if let Some(what) = path.strip_prefix(WELL_KNOWN) {
            return well_known(what, &wiring);
        }
        let Some((handler, pattern, found)) = wiring.router.find(&path) else {
            return no_route();
        };
        let component = match handler {
            Handler::Component(component) => component,
            Handler::Static(_) => {
                let fixed = wiring.fixed.get(pattern.as_str());
                return fixed.map_or_else(no_route, |fixed| fixed.answer());
            }
        };
        let reached = Reached {
            full_url: request.uri().to_string(),
            path: &path,
            route: Some((pattern, &found)),
            client,
        };
        reached.tell(request.headers_mut());
        match self.call(component, request, Way::after(hops)).await {
            Ok(response) => response,
            Err(failure) => render(&failure),
        }
    }
}

fn well_known(what: &str, wiring: &Wiring) -> Response<WasiBody> {
    let text = |text: Bytes| Response::new(Full::new(text).map_err(Into::into).boxed_unsync());
    match what {
        "health" => text(Bytes::from_static(b"OK")),
        "info" => {
            let mut response = text(wiring.info.clone());
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        _ => no_route(),
    }
}

fn no_route() -> Response<WasiBody> {
    let detail = "no public route of this application fits the path";
    let hint = "see the routes in spin.toml";
    problem(StatusCode::NOT_FOUND, "not-found", "no route", detail, hint)
}
