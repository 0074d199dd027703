//! What could not be served, as problem+json.

use crate::{CallError, Failure};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use wasmtime_wasi_http::WasiBody;

/// A failed call, as a client sees it: what failed, the cure, and the id that the log has it by.
pub(crate) fn render(failure: &Failure) -> Response<WasiBody> {
    let (status, kind, title) = kind_of(&failure.error);
    let message = failure.to_string();
    let (detail, hint) = message
        .split_once("\nhint: ")
        .unwrap_or((&message, "the log of the host says more"));
    let mut members = members(status, kind, title, detail, hint);
    members["error_id"] = failure.id.to_string().into();
    let mut response = response(status, &members);
    if let Some(retry_after) = failure.error.retry_after() {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
    }
    response
}

fn kind_of(error: &CallError) -> (StatusCode, &'static str, &'static str) {
    let failed = StatusCode::INTERNAL_SERVER_ERROR;
    match error {
        CallError::NotFound(_) => (StatusCode::NOT_FOUND, "not-found", "no such component"),
        CallError::TooManyHops { .. } => (StatusCode::LOOP_DETECTED, "loop", "too many chained calls"),
        CallError::Overloaded { .. } | CallError::TooManyCalls { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "overloaded", "overloaded")
        }
        CallError::RequestTooLarge { .. } => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "the request is too long",
        ),
        CallError::Timeout { .. } => (StatusCode::GATEWAY_TIMEOUT, "timeout", "time limit reached"),
        // Not 504: whoever tries again makes it compute again.
        CallError::Computing { .. } => (failed, "cpu", "computing time used up"),
        CallError::TooLarge { .. } | CallError::MessageRefused { .. } | CallError::Failed { .. } => {
            (failed, "internal", "component failed")
        }
    }
}

/// RFC 9457, with the cure as `hint`.
pub(crate) fn problem(
    status: StatusCode,
    kind: &str,
    title: &str,
    detail: &str,
    hint: &str,
) -> Response<WasiBody> {
    response(status, &members(status, kind, title, detail, hint))
}

/// The members of a problem.
pub(crate) fn members(status: StatusCode, kind: &str, title: &str, detail: &str, hint: &str) -> Value {
    json!({
        "type": format!("urn:gyre:error:{kind}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "hint": hint,
    })
}

fn response(status: StatusCode, members: &Value) -> Response<WasiBody> {
    let body = Full::new(Bytes::from(members.to_string()));
    let mut response = Response::new(body.map_err(Into::into).boxed_unsync());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Every way to fail, with the status and the time to retry that a client sees.
    fn cases() -> [(CallError, u16, Option<&'static str>); 8] {
        let component = "api".to_owned();
        let limit_bytes = 5;
        let limit_ms = 5;
        let retry_after = Duration::from_secs(1);
        let source = wasmtime::format_err!("a secret of the guest");
        let too_many = CallError::TooManyCalls {
            component: component.clone(),
            limit: 1,
            retry_after,
        };
        let timeout = CallError::Timeout {
            component: component.clone(),
            limit_ms,
        };
        let computing = CallError::Computing {
            component: component.clone(),
            limit_ms,
        };
        let too_large = CallError::RequestTooLarge {
            component: component.clone(),
            limit_bytes,
        };
        let hops = CallError::TooManyHops {
            component: component.clone(),
            limit: 12,
        };
        let not_found = CallError::NotFound(component.clone());
        [
            (CallError::Overloaded { retry_after }, 429, Some("1")),
            (too_many, 429, Some("1")),
            (timeout, 504, None),
            (computing, 500, None),
            (too_large, 413, None),
            (hops, 508, None),
            (not_found, 404, None),
            (CallError::Failed { component, source }, 500, None),
        ]
    }

    #[tokio::test]
    async fn a_failure_names_what_failed_the_cure_and_its_id() {
        for (error, status, retry) in cases() {
            let failure = Failure::report(error);
            let response = render(&failure);
            assert_eq!(response.status().as_u16(), status);
            let header = response.headers().get(RETRY_AFTER);
            assert_eq!(header.and_then(|value| value.to_str().ok()), retry);
            let body = response.into_body().collect().await.expect("a body").to_bytes();
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(body["status"], status);
            assert_eq!(body["error_id"], failure.id.to_string());
            for member in ["type", "title", "detail", "hint"] {
                let text = body[member].as_str();
                assert!(text.is_some_and(|text| !text.is_empty()), "{member} of {body}");
            }
            assert!(
                !body.to_string().contains("secret"),
                "the cause is for the log: {body}"
            );
        }
    }
}
