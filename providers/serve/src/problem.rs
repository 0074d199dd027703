//! How a refusal or a failure is told to a client.

use crate::CallError;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use wasmtime_wasi_http::WasiBody;

/// A failed call as its client sees it.
pub(crate) fn render(error: &CallError) -> Response<WasiBody> {
    let (status, kind, title) = match error {
        CallError::NotFound(_) => (StatusCode::NOT_FOUND, "not-found", "no such component"),
        CallError::TooManyHops(_) => (StatusCode::LOOP_DETECTED, "loop", "too many chained calls"),
        CallError::Overloaded { .. } => (StatusCode::TOO_MANY_REQUESTS, "overloaded", "overloaded"),
        CallError::Timeout { .. } => (StatusCode::GATEWAY_TIMEOUT, "timeout", "time limit reached"),
        CallError::TooLarge { .. }
        | CallError::MessageTooLarge { .. }
        | CallError::MessageRefused { .. }
        | CallError::Failed { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "component failed"),
    };
    let message = error.to_string();
    let (detail, hint) = message
        .split_once("\nhint: ")
        .unwrap_or((&message, "the log of the host says more"));
    let mut response = problem(status, kind, title, detail, hint);
    if let CallError::Overloaded { retry_after } = error {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
    }
    response
}

/// RFC 9457, with the cure as `hint`.
pub(crate) fn problem(
    status: StatusCode,
    kind: &str,
    title: &str,
    detail: &str,
    hint: &str,
) -> Response<WasiBody> {
    let body = serde_json::json!({
        "type": format!("urn:gyre:error:{kind}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "hint": hint,
    });
    let mut response = Response::new(
        Full::new(Bytes::from(body.to_string()))
            .map_err(Into::into)
            .boxed_unsync(),
    );
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

    #[tokio::test]
    async fn a_refusal_names_what_failed_and_the_cure() {
        let overloaded = CallError::Overloaded {
            retry_after: Duration::from_secs(1),
        };
        let timeout = CallError::Timeout {
            component: "api".to_owned(),
            limit_ms: 5,
        };
        let failed = CallError::Failed {
            component: "api".to_owned(),
            source: wasmtime::format_err!("a secret of the guest"),
        };
        for (error, status, retry) in [
            (overloaded, 429, Some("1")),
            (timeout, 504, None),
            (failed, 500, None),
            (CallError::TooManyHops(12), 508, None),
        ] {
            let response = render(&error);
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(
                response
                    .headers()
                    .get(RETRY_AFTER)
                    .and_then(|value| value.to_str().ok()),
                retry
            );
            let body = response.into_body().collect().await.expect("a body").to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(body["status"], status);
            for member in ["type", "title", "detail", "hint"] {
                assert!(
                    body[member].as_str().is_some_and(|text| !text.is_empty()),
                    "{member} of {body}"
                );
            }
            assert!(
                !body.to_string().contains("secret"),
                "the cause is for the log: {body}"
            );
        }
    }
}
