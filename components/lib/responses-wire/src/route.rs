//! The one path of this face, and its neighbours, which need what is kept between calls.

use gyre_chat_wire::ApiError;

/// Where responses are asked for.
pub const PATH: &str = "/v1/responses";

/// Refuses every other method, and every path below [`PATH`]: those read, cancel, count or compact what is kept.
pub fn check_route(method: &str, path: &str) -> Result<(), ApiError> {
    if path != PATH {
        return Err(ApiError::new(
            404,
            "unknown_path",
            format!(
                "there is no such path: responses are not kept, so none can be read, cancelled, counted or compacted; \
                 hint: send POST {PATH} with all earlier items in `input`"
            ),
        ));
    }
    if method != "POST" {
        return Err(ApiError::new(
            405,
            "method_not_allowed",
            format!("{PATH} takes POST only"),
        ));
    }
    Ok(())
}
