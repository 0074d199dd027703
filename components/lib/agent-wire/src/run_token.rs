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

/// Longest name of a tenant.
pub const TENANT_BYTES_MAX: usize = 64;

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

    /// On whose behalf, where that is a name that is safe as a part of another: 1 to [`TENANT_BYTES_MAX`] of `A-Z`,
    /// `a-z`, `0-9`, `.`, `_` and `-`.
    #[must_use]
    pub fn tenant_name(&self) -> Option<&str> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=TENANT_BYTES_MAX).contains(&self.tenant.len()) && self.tenant.bytes().all(safe);
        fits.then_some(self.tenant.as_str())
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
    fn tenants_have_safe_names() {
        let long = "a".repeat(TENANT_BYTES_MAX);
        for (tenant, safe) in [
            ("local", true),
            ("acme-1.eu_x", true),
            (long.as_str(), true),
            ("", false),
            ("a/b", false),
            ("a b", false),
            ("\u{e4}", false),
            (&format!("{long}a"), false),
        ] {
            let token = RunToken {
                tenant: tenant.into(),
                ..token()
            };
            assert_eq!(token.tenant_name(), safe.then_some(tenant), "{tenant}");
        }
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
