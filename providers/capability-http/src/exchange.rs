//! One request and its answer over a connection of its own. Redirects are the component's business.

use crate::allowed::AllowedHosts;
use crate::idle::IdleBody;
use crate::outbound::{Destination, Outbound};
use futures::future::BoxFuture;
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// What a guest that says nothing waits for; its own time limit is shorter.
const WAIT_DEFAULT: Duration = Duration::from_secs(600);

/// What is left to do on a connection after the head of the answer.
pub(crate) type Io = BoxFuture<'static, Result<(), Error>>;
type Answer = Result<(Response<WasiBody>, Io), Error>;

impl Outbound {
    /// Sends `request` to `destination`, whose name has been granted.
    pub(crate) async fn send(
        &self,
        allowed: &AllowedHosts,
        destination: &Destination,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Answer {
        let options = options.unwrap_or_default();
        let wait = options.connect_timeout.unwrap_or(WAIT_DEFAULT);
        let (stream, permit) = self.connect(allowed, destination, wait).await?;
        let exchange = Exchange {
            request: origin_form(request)?,
            first_byte: options.first_byte_timeout.unwrap_or(WAIT_DEFAULT),
            between_bytes: options.between_bytes_timeout.unwrap_or(WAIT_DEFAULT),
            permit,
        };
        if destination.tls {
            let connected = tokio::time::timeout(wait, self.tls.connect(&destination.host, stream));
            let stream = connected.await.unwrap_or(Err(Error::ConnectionTimeout))?;
            exchange.over(stream).await
        } else {
            exchange.over(stream).await
        }
    }
}

struct Exchange {
    request: Request<WasiBody>,
    first_byte: Duration,
    between_bytes: Duration,
    permit: OwnedSemaphorePermit,
}

impl Exchange {
    async fn over(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Answer {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut connection = Box::pin(connection);
        let mut ended = false;
        let send = async {
            let send = sender.send_request(self.request);
            tokio::pin!(send);
            tokio::select! {
                biased;
                answer = &mut send => answer,
                end = &mut connection => {
                    ended = true;
                    end?;
                    send.await
                }
            }
        };
        let answer = tokio::time::timeout(self.first_byte, send).await;
        let answer = answer.map_err(|_elapsed| Error::ConnectionReadTimeout)??;
        let (between_bytes, permit) = (self.between_bytes, self.permit);
        let answer = answer.map(|body| IdleBody::new(body, between_bytes, permit).boxed_unsync());
        let io: Io = Box::pin(async move {
            if ended {
                return Ok(());
            }
            connection.await.map_err(Error::from)
        });
        Ok((answer, io))
    }
}

/// A request line has the path only, and the host stands in its header.
fn origin_form(mut request: Request<WasiBody>) -> Result<Request<WasiBody>, Error> {
    let authority = request.uri().authority().ok_or(Error::HttpRequestUriInvalid)?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| Error::HttpRequestUriInvalid)?;
    request.headers_mut().insert(HOST, host);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    *request.uri_mut() = path.parse::<Uri>().map_err(|_| Error::HttpRequestUriInvalid)?;
    Ok(request)
}
