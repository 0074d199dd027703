//! The hook through which every outgoing request of a program passes.

use gyre_capability_http::AllowedHosts;
use http::Request;
use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

/// What a program may reach.
#[derive(Debug)]
pub(crate) struct Egress(pub(crate) AllowedHosts);

type IoFuture = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(http::Response<WasiBody>, IoFuture), Error>;

impl WasiHttpHooks for Egress {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _response_result: IoFuture,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        if !self.0.allows(request.uri()) {
            let uri = request.uri();
            tracing::warn!(
                "outbound request denied; hint: --allow-host {}://{} allows it",
                uri.scheme_str().unwrap_or("http"),
                uri.authority().map_or("", |authority| authority.as_str()),
            );
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        Box::new(async move {
            let (response, io) = default_send_request(request, options).await?;
            Ok((response.map(BodyExt::boxed_unsync), Box::new(io) as IoFuture))
        })
    }
}
