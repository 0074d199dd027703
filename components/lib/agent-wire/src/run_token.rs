//! The run token: who runs what until when. The gateway makes it, everyone behind it carries it.
//!
//! Wire: base64url of the JSON claims, a dot, and a signature that is empty on loopback.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Header that carries the token.
pub const HEADER: &str = "gyre-run";

/// Longest token that is read.
const TOKEN_BYTES_MAX: usize = 1024;

/// What a run token claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunToken {
    /// On whose behalf.
    pub tenant: String,
    /// Identifies the run (UUID version 7).
    pub run: String,
    /// When to give up, in milliseconds since the Unix epoch.
    pub deadline_ms: u64,
}

/// Why a token was not read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RunTokenError {
    /// Longer than a token can be.
    #[error("the run token is longer than {TOKEN_BYTES_MAX} bytes")]
    TooLong,
    /// Not claims, a dot and a signature.
    #[error("the run token is not `<claims>.<signature>`")]
    Shape,
    /// The claims are not base64url of the JSON they should be.
    #[error("the claims of the run token cannot be read")]
    Claims,
    /// Signed, and there is no key to check it with.
    #[error("the run token is signed, and signatures cannot be checked here yet")]
    Signed,
}

impl RunToken {
    /// The token without a signature, as used on loopback.
    #[must_use]
    pub fn encode_unsigned(&self) -> String {
        // Strings and a number only: serde_json cannot fail on them.
        let claims = serde_json::to_vec(self).unwrap_or_default();
        format!("{}.", URL_SAFE_NO_PAD.encode(claims))
    }

    /// Reads an unsigned token; a signed one is refused rather than believed.
    pub fn decode_unsigned(token: &str) -> Result<Self, RunTokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(RunTokenError::TooLong);
        }
        let (claims, signature) = token.split_once('.').ok_or(RunTokenError::Shape)?;
        if signature.contains('.') {
            return Err(RunTokenError::Shape);
        }
        if !signature.is_empty() {
            return Err(RunTokenError::Signed);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(claims)
            .map_err(|_| RunTokenError::Claims)?;
        serde_json::from_slice(&bytes).map_err(|_| RunTokenError::Claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> RunToken {
        RunToken {
            tenant: "local".into(),
            run: "r".into(),
            deadline_ms: 7,
        }
    }

    #[test]
    fn a_token_reads_as_it_was_written() {
        assert_eq!(RunToken::decode_unsigned(&token().encode_unsigned()), Ok(token()));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let signed = format!("{}c2ln", token().encode_unsigned());
        let unknown = format!(
            "{}.",
            URL_SAFE_NO_PAD.encode(br#"{"tenant":"a","run":"b","deadline_ms":1,"x":2}"#)
        );
        let cases = [
            (String::new(), RunTokenError::Shape),
            ("abc".into(), RunTokenError::Shape),
            ("a.b.c".into(), RunTokenError::Shape),
            ("!!.".into(), RunTokenError::Claims),
            ("e30.".into(), RunTokenError::Claims),
            (unknown, RunTokenError::Claims),
            (signed, RunTokenError::Signed),
            ("a".repeat(2000), RunTokenError::TooLong),
        ];
        for (given, expected) in cases {
            assert_eq!(RunToken::decode_unsigned(&given), Err(expected), "{given}");
        }
    }
}
