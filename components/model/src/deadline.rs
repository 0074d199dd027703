//! The deadline of a run, from the token that the gateway made.

use gyre_agent_wire::run_token::{self, RunToken};
use gyre_chat_wire::ApiError;
use spin_sdk::http::HeaderMap;

/// The run's deadline, in milliseconds since the Unix epoch. No token means no deadline; a broken one is refused.
pub(crate) fn deadline_ms(headers: &HeaderMap) -> Result<Option<u64>, ApiError> {
    let Some(token) = headers.get(run_token::HEADER) else {
        return Ok(None);
    };
    let token = token
        .to_str()
        .ok()
        .and_then(|token| RunToken::decode_unsigned(token).ok());
    let refused = || {
        let message = "the header `gyre-run` is no run token; hint: call through the gateway";
        ApiError::new(400, "invalid_run", message)
    };
    token.map(|token| Some(token.deadline_ms)).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(token: &str) -> Result<Option<u64>, u16> {
        let mut headers = HeaderMap::new();
        headers.insert(run_token::HEADER, token.parse().expect("a header"));
        deadline_ms(&headers).map_err(|error| error.status)
    }

    #[test]
    fn deadlines() {
        let token = RunToken {
            tenant: "local".into(),
            run: "r".into(),
            deadline_ms: 7,
        }
        .encode_unsigned();
        assert_eq!(deadline_ms(&HeaderMap::new()), Ok(None));
        assert_eq!(read(&token), Ok(Some(7)));
        for broken in ["nonsense!", "", &format!("{token}signed")] {
            assert_eq!(read(broken), Err(400), "{broken}");
        }
    }
}
