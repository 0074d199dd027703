//! The headers that every internal call carries.

use gyre_agent_wire::run_token::{self, RunToken};
use http::{HeaderMap, HeaderValue};

/// Header that names the request in logs and problems.
pub const REQUEST_ID: &str = "x-request-id";

/// W3C trace context, passed through.
pub const TRACEPARENT: &str = "traceparent";

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
    fn what_is_absent_stays_absent() {
        let mut headers = HeaderMap::new();
        CallContext::default().apply(&mut headers);
        assert!(headers.is_empty());
    }
}
