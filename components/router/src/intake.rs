//! Reads the body of a request, within bounds.

use bytes::Bytes;
use gyre_chat_wire::ApiError;
use http_body_util::{BodyExt, Limited};
use spin_sdk::http::{HeaderMap, Request};

/// Bytes that a request may take.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The body of a JSON request.
pub(crate) async fn json_body(request: Request) -> Result<Bytes, ApiError> {
    check_content_type(request.headers())?;
    let body = Limited::new(request.into_body(), BODY_BYTES_MAX);
    match body.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(ApiError::new(
            413,
            "request_too_large",
            format!(
                "the body is larger than {BODY_BYTES_MAX} bytes; hint: send fewer or shorter texts at a time"
            ),
        )),
        Err(_) => Err(ApiError::new(
            400,
            "body_cut",
            "the body of the request was cut; hint: send it again",
        )),
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let given = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::new(
        415,
        "unsupported_media_type",
        "the body must be JSON; hint: send the header `content-type: application/json`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types() {
        for (given, fine) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("text/plain", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", given.parse().unwrap());
            assert_eq!(check_content_type(&headers).is_ok(), fine, "{given:?}");
        }
        assert_eq!(check_content_type(&HeaderMap::new()).unwrap_err().status, 415);
    }
}
