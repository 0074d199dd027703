//! The headers that every internal call carries.

use gyre_agent_wire::Problem;
use gyre_agent_wire::run_token::{self, RunToken, TENANT_BYTES_MAX};
use http::{HeaderMap, HeaderValue};

/// Header that names the request in logs and problems.
pub const REQUEST_ID: &str = "x-request-id";

/// W3C trace context, passed through.
pub const TRACEPARENT: &str = "traceparent";

/// On whose behalf a call without a run token is: one that a person made by hand, in development.
const TENANT_DEFAULT: &str = "local";

/// What a call is part of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallContext {
    /// Names the request.
    pub request_id: String,
    /// The run token as it came; empty when there was none.
    pub run: String,
    /// Trace context as it came.
    pub traceparent: Option<String>,
}

impl CallContext {
    /// Reads the context of an internal call. What is absent stays absent: `gateway` has made it all.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Self {
            request_id: text(REQUEST_ID).unwrap_or_default(),
            run: text(run_token::HEADER).unwrap_or_default(),
            traceparent: text(TRACEPARENT),
        }
    }

    /// Writes the context into the headers of the next call.
    pub fn apply(&self, headers: &mut HeaderMap) {
        let mut put = |name: &'static str, value: &str| {
            // A value that came from a header is one; anything else is left out.
            if let Ok(value) = HeaderValue::from_str(value)
                && !value.is_empty()
            {
                headers.insert(name, value);
            }
        };
        put(REQUEST_ID, &self.request_id);
        put(run_token::HEADER, &self.run);
        if let Some(traceparent) = &self.traceparent {
            put(TRACEPARENT, traceparent);
        }
    }

    /// The run, when a token came and can be read.
    #[must_use]
    pub fn run_token(&self) -> Option<RunToken> {
        RunToken::decode_unsigned(&self.run).ok()
    }

    /// On whose behalf the call is; a name that is safe as a part of another. A token that cannot be read is refused:
    /// it may be another tenant's.
    pub fn tenant(&self) -> Result<String, Problem> {
        let refused = |detail: String| {
            let hint =
                "call through `gateway`, which makes the header gyre-run; by hand, leave the header out";
            Problem::new(401, "run-token-refused", detail, hint)
        };
        if self.run.is_empty() {
            return Ok(TENANT_DEFAULT.to_owned());
        }
        let token = RunToken::decode_unsigned(&self.run).map_err(|error| refused(error.to_string()))?;
        token.tenant_name().map(str::to_owned).ok_or_else(|| {
            refused(format!(
                "the tenant of the run token is not 1 to {TENANT_BYTES_MAX} of A-Z, a-z, 0-9, `.`, `_` and `-`"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_goes_on_as_it_came() {
        let context = CallContext {
            request_id: "r-1".into(),
            run: RunToken {
                tenant: "local".into(),
                run: "x".into(),
                deadline_ms: 1,
            }
            .encode_unsigned(),
            traceparent: Some("00-ab-cd-01".into()),
        };
        let mut headers = HeaderMap::new();
        context.apply(&mut headers);
        assert_eq!(CallContext::from_headers(&headers), context);
        assert_eq!(context.run_token().map(|t| t.run), Some("x".into()));
    }

    #[test]
    fn a_tenant_is_read_or_refused_but_never_guessed() {
        let of = |tenant: &str| {
            let token = RunToken {
                tenant: tenant.into(),
                run: "x".into(),
                deadline_ms: 1,
            };
            token.encode_unsigned()
        };
        for (run, expected) in [
            (String::new(), Some("local")),
            (of("acme-1.eu_x"), Some("acme-1.eu_x")),
            (of(""), None),
            (of("a/b"), None),
            (of(&"a".repeat(65)), None),
            (format!("{}c2ln", of("local")), None),
            ("junk".into(), None),
        ] {
            let context = CallContext {
                run: run.clone(),
                ..CallContext::default()
            };
            let tenant = context.tenant();
            assert_eq!(tenant.as_deref().ok(), expected, "{run}");
            assert!(tenant.is_ok() || tenant.is_err_and(|problem| problem.status == 401));
        }
    }

    #[test]
    fn what_is_absent_stays_absent() {
        let mut headers = HeaderMap::new();
        CallContext::default().apply(&mut headers);
        assert!(headers.is_empty());
    }
}
