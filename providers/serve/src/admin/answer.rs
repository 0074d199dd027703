//! What the operators' socket answers.

use crate::problem;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::Value;

/// A whole answer.
pub(super) type Answer = Response<Full<Bytes>>;

pub(super) fn text(status: StatusCode, text: String) -> Answer {
    typed(status, "text/plain; charset=utf-8", text)
}

pub(super) fn json(status: StatusCode, value: &Value) -> Answer {
    typed(status, "application/json", value.to_string())
}

/// RFC 9457, with the cure as `hint`.
pub(super) fn problem(status: StatusCode, kind: &str, detail: &str, hint: &str) -> Answer {
    let title = status.canonical_reason().unwrap_or("failed");
    let members = problem::members(status, kind, title, detail, hint);
    typed(status, "application/problem+json", members.to_string())
}

pub(super) fn typed(status: StatusCode, media_type: &'static str, text: String) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
