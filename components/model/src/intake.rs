//! Reads the body of a request, within bounds.

use bytes::Bytes;
use gyre_chat_wire::{ApiError, BODY_BYTES_MAX, check_content_type};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use spin_sdk::http::Request;

/// The body of a JSON request.
pub(crate) async fn json_body(request: Request) -> Result<Bytes, ApiError> {
    check_content_type(request.headers().get("content-type").map(|it| it.as_bytes()))?;
    match Limited::new(request.into_body(), BODY_BYTES_MAX).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::body_too_large()),
        Err(_) => Err(ApiError::body_cut()),
    }
}
