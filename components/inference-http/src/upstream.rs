//! One exchange with the model server: every wait and every body has a bound.

use crate::bindings::exports::gyre::inference::types::Error;
use crate::config::Config;
use crate::deadline::Deadline;
use crate::public_text::public;
use crate::refusal::{self, Refused};
use bytes::Bytes;
use gyre_chat_wire::Endpoint;
use gyre_clock::within;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http_body_util::BodyExt;
use spin_sdk::http::{FullBody, Response, send};
use spin_sdk::wasip3::http::types::RequestOptions;
use spin_sdk::wasip3::http_compat::{IncomingResponseBody, RequestOptionsExtension};

const CONNECT_NS: u64 = 4_000_000_000;
/// Bytes of a refusal that are read.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;
const REFUSAL_MS: u64 = 2_000;

/// The time left for one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// To the first byte of the answer.
    pub(crate) first_byte_ms: u64,
    /// Of silence.
    pub(crate) idle_ms: u64,
    /// The run's.
    pub(crate) deadline: Deadline,
}

impl Patience {
    /// What the configuration allows, up to a deadline.
    pub(crate) fn new(config: &Config, deadline_ms: Option<u64>) -> Self {
        Self {
            first_byte_ms: config.first_byte_ms,
            idle_ms: config.idle_ms,
            deadline: Deadline::new(deadline_ms),
        }
    }
}

/// The body of an answer with status 200 and the right media type.
pub(crate) struct Body {
    inner: IncomingResponseBody,
    patience: Patience,
}

impl Body {
    /// The next bytes; nothing at the end. Dropping the body closes the connection.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let Patience {
            idle_ms, deadline, ..
        } = self.patience;
        loop {
            let frame = within(deadline.at_most(idle_ms)?, self.inner.frame()).await;
            let stalled = || refusal::stalled("more of its answer", idle_ms, "upstream_idle_ms");
            match frame.ok_or_else(|| deadline.or(stalled()))? {
                None => return Ok(None),
                Some(Err(_)) => return Err(refusal::lie("the answer was cut")),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) if !bytes.is_empty() => return Ok(Some(bytes)),
                    // Trailers, and chunks of nothing.
                    _ => {}
                },
            }
        }
    }

    /// All of it, if it is not longer than `bytes_max`.
    pub(crate) async fn whole(mut self, bytes_max: usize) -> Result<Vec<u8>, Error> {
        let mut whole = Vec::new();
        while let Some(bytes) = self.next().await? {
            if whole.len() + bytes.len() > bytes_max {
                return Err(refusal::lie(format_args!(
                    "an answer of more than {bytes_max} bytes"
                )));
            }
            whole.extend_from_slice(&bytes);
        }
        Ok(whole)
    }
}

/// Sends a request; the answer has status 200 and media type `wanted`, or is an error.
pub(crate) async fn ask(
    config: &Config,
    endpoint: Endpoint,
    body: Vec<u8>,
    wanted: &str,
    patience: Patience,
) -> Result<Body, Error> {
    let request = request(config, endpoint, body, wanted)?;
    let wait_ms = patience.deadline.at_most(patience.first_byte_ms)?;
    let stalled = || refusal::stalled("answer", patience.first_byte_ms, "upstream_timeout_ms");
    let answered = within(wait_ms, send(request)).await;
    let answer = answered
        .ok_or_else(|| patience.deadline.or(stalled()))?
        .map_err(|_| refusal::unreachable())?;
    if answer.status().as_u16() != 200 {
        return Err(refused(answer, config.secret()).await);
    }
    let media_type = header(&answer, CONTENT_TYPE).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(wanted) {
        let given = public(essence, config.secret());
        return Err(refusal::lie(format_args!(
            "content-type `{given}` instead of {wanted}"
        )));
    }
    Ok(Body {
        inner: answer.into_body(),
        patience,
    })
}

fn request(
    config: &Config,
    endpoint: Endpoint,
    body: Vec<u8>,
    accept: &str,
) -> Result<http::Request<FullBody<Bytes>>, Error> {
    let mut request = http::Request::builder()
        .method(endpoint.method())
        .uri(format!("{}{}", config.base, endpoint.below_base()))
        .header(ACCEPT, accept);
    if !body.is_empty() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    if let Some(key) = &config.key {
        request = request.header(AUTHORIZATION, &key.header);
    }
    let options = RequestOptions::new();
    // A host that cannot bound it is bounded by the wait for the first byte.
    let _ = options.set_connect_timeout(Some(CONNECT_NS));
    request
        .extension(RequestOptionsExtension(options))
        .body(FullBody::new(Bytes::from(body)))
        .map_err(|_| {
            Error::Internal(
                "the request to the model server cannot be built; hint: see `upstream_url`".into(),
            )
        })
}

/// The error of an answer with another status. Its body helps where it comes soon and is small.
async fn refused(answer: Response, secret: &str) -> Error {
    let status = answer.status().as_u16();
    let retry_after = header(&answer, RETRY_AFTER).map(str::to_owned);
    let mut incoming = answer.into_body();
    let mut body = Vec::new();
    let reading = async {
        while let Some(Ok(frame)) = incoming.frame().await {
            let bytes = frame.into_data().unwrap_or_default();
            if body.len() + bytes.len() > REFUSAL_BYTES_MAX {
                return;
            }
            body.extend_from_slice(&bytes);
        }
    };
    within(REFUSAL_MS, reading).await;
    let refused = Refused {
        status,
        retry_after: retry_after.as_deref(),
        body: &body,
    };
    refusal::from_status(&refused, secret)
}

fn header(answer: &Response, name: http::HeaderName) -> Option<&str> {
    answer.headers().get(name)?.to_str().ok()
}
