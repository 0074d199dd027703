//! The deadline in the header `gyre-run`. The gateway makes the token; here it is only read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gyre_chat_wire::ApiError;
use serde::Deserialize;

/// The header that carries the run token.
pub(crate) const HEADER: &str = "gyre-run";

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    deadline_ms: Option<u64>,
}

/// The run's deadline, in milliseconds since the Unix epoch. No header means no deadline; a broken one is refused.
pub(crate) fn deadline_ms(header: Option<&[u8]>) -> Result<Option<u64>, ApiError> {
    let Some(token) = header else { return Ok(None) };
    let claims = token.split(|byte| *byte == b'.').next().unwrap_or_default();
    URL_SAFE_NO_PAD
        .decode(claims)
        .ok()
        .and_then(|json| serde_json::from_slice::<Claims>(&json).ok())
        .map(|claims| claims.deadline_ms)
        .ok_or_else(|| {
            ApiError::new(
                400,
                "invalid_run",
                "the header `gyre-run` is no run token; hint: call through the gateway",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines() {
        let token = |json: &str| format!("{}.", URL_SAFE_NO_PAD.encode(json)).into_bytes();
        assert_eq!(deadline_ms(None), Ok(None));
        assert_eq!(
            deadline_ms(Some(&token(r#"{"tenant":"local","run":"r","deadline_ms":7}"#))),
            Ok(Some(7))
        );
        assert_eq!(deadline_ms(Some(&token("{}"))), Ok(None));
        for broken in [&b"nonsense!"[..], b"", &token("[")] {
            assert_eq!(deadline_ms(Some(broken)).unwrap_err().status, 400);
        }
    }
}
