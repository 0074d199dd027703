//! Handing a neighbour's answer on: its stream becomes that of our own answer. No task stays behind to copy bytes, so
//! the sandbox of a service that only passes on can end while the stream still flows.

use bytes::Bytes;
use http::{HeaderMap, Request};
use spin_sdk::http::{FullBody, IntoRequest};
use spin_sdk::wasip3::http::client;
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, HeaderError, Response};
use spin_sdk::wasip3::wit_future;

/// A neighbour's answer; nothing of its body has been read.
pub struct Answer(Response);

impl Answer {
    /// Sends a request.
    pub async fn to(request: Request<FullBody<Bytes>>) -> Result<Self, ErrorCode> {
        client::send(request.into_request()?).await.map(Self)
    }

    /// Its headers.
    pub fn headers(&self) -> Result<HeaderMap, ErrorCode> {
        self.0.get_headers().try_into()
    }

    /// The same answer with other headers, for whoever asked us.
    pub fn hand_on(self, headers: HeaderMap) -> Result<Response, ErrorCode> {
        let headers: Fields = headers.try_into().map_err(refused)?;
        let status = self.0.get_status_code();
        // Nothing of ours can fail any more, and what fails on its way is told by the stream itself.
        let (_well, result) = wit_future::new(|| Ok(()));
        let (body, trailers) = Response::consume_body(self.0, result);
        let (answer, _sent) = Response::new(headers, Some(body), trailers);
        answer
            .set_status_code(status)
            .map_err(|()| ErrorCode::HttpProtocolError)?;
        Ok(answer)
    }
}

fn refused(error: HeaderError) -> ErrorCode {
    ErrorCode::InternalError(Some(format!(
        "a header of the answer cannot be passed on: {error}"
    )))
}
