//! Answers: JSON and problems.

use bytes::Bytes;
use gyre_agent_wire::{Problem, problem};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

use crate::body::BodyError;

/// An answer that is known in full.
pub type Reply = Response<Full<Bytes>>;

/// Media type of JSON.
pub const JSON: &str = "application/json";

/// An answer of these bytes.
#[must_use]
pub fn bytes(status: StatusCode, media_type: &'static str, body: Vec<u8>) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    reply
}

/// An answer that says by its status alone that it was done.
#[must_use]
pub fn no_content() -> Reply {
    let mut reply = Response::new(Full::default());
    *reply.status_mut() = StatusCode::NO_CONTENT;
    reply
}

/// A value as JSON. A value that cannot be one is a fault of this program and answered as such.
#[must_use]
pub fn json(status: StatusCode, value: &impl serde::Serialize) -> Reply {
    match serde_json::to_vec(value) {
        Ok(body) => bytes(status, JSON, body),
        Err(_) => problem(&internal("the answer could not be written as JSON")),
    }
}

/// A problem, with its own status.
#[must_use]
pub fn problem(problem: &Problem) -> Reply {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    bytes(status, problem::MEDIA_TYPE, problem.to_json())
}

/// A fault of this program.
#[must_use]
pub fn internal(detail: &str) -> Problem {
    Problem::new(
        500,
        "internal",
        detail,
        "report this with the request id; the logs of `gyre up` have more",
    )
}

/// The problem of a request body that was not read.
#[must_use]
pub fn body_problem(error: &BodyError) -> Problem {
    match error {
        BodyError::TooLarge { limit_bytes } => Problem::new(
            413,
            "body-too-large",
            format!("the body is longer than the limit of {limit_bytes} bytes"),
            "send less at once: split the documents over several requests, or shorten the input",
        ),
        BodyError::Cut => Problem::new(
            400,
            "body-cut",
            "the request ended before its body did",
            "send the request again; its content-length must be that of the body",
        ),
    }
}

/// Whether the media type is JSON, whatever its parameters.
#[must_use]
pub fn is_json(content_type: Option<&HeaderValue>) -> bool {
    let text = content_type.and_then(|v| v.to_str().ok()).unwrap_or_default();
    text.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case(JSON)
}

/// The problem of a body that is not JSON by its header.
#[must_use]
pub fn not_json(content_type: Option<&HeaderValue>) -> Problem {
    let given = content_type.and_then(|v| v.to_str().ok()).unwrap_or("none");
    Problem::new(
        415,
        "unsupported-media-type",
        format!("the content-type must be {JSON}, and is: {given}"),
        format!("send the header `content-type: {JSON}` (curl: `--json` instead of `-d`)"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_by_its_media_type() {
        for (given, expected) in [
            (Some("application/json"), true),
            (Some("Application/JSON; charset=utf-8"), true),
            (Some("text/plain"), false),
            (Some("application/jsonp"), false),
            (None, false),
        ] {
            let value = given.map(HeaderValue::from_static);
            assert_eq!(is_json(value.as_ref()), expected, "{given:?}");
        }
    }

    #[test]
    fn a_problem_keeps_its_status() {
        let reply = problem(&body_problem(&BodyError::TooLarge { limit_bytes: 4 }));
        assert_eq!(reply.status(), 413);
        assert_eq!(reply.headers()[header::CONTENT_TYPE], problem::MEDIA_TYPE);
    }
}
