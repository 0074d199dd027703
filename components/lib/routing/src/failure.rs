//! What went wrong upstream, as far as it changes what is done next.

use gyre_routing_config::ByFailure;

/// Kinds of failure. Their HTTP statuses are those of `LiteLLM`'s exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 400 for any other reason.
    BadRequest,
    /// The prompt does not fit (400).
    ContextWindow,
    /// The provider refused the content (400).
    ContentPolicy,
    /// 401.
    Authentication,
    /// 402: nothing is left to spend.
    Payment,
    /// 403.
    Permission,
    /// 404.
    NotFound,
    /// 408, or silence for too long.
    Timeout,
    /// 409.
    Conflict,
    /// 422.
    Unprocessable,
    /// 429.
    RateLimit,
    /// 500, and any other 5xx.
    Internal,
    /// 502.
    BadGateway,
    /// 503.
    Unavailable,
    /// No connection, or one that broke.
    Connection,
    /// Any other 4xx.
    Other(u16),
}

/// A failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// Of which kind.
    pub kind: Kind,
    /// When the upstream wants to be asked again.
    pub retry_after_ms: Option<u64>,
}

impl Kind {
    /// The kind behind a status; `code` is the upstream's own name of the error.
    #[must_use]
    pub fn of(status: u16, code: Option<&str>) -> Self {
        match (status, code) {
            (400 | 413 | 422, Some("context_length_exceeded")) => Self::ContextWindow,
            (400, Some("content_policy_violation" | "content_filter")) => Self::ContentPolicy,
            (400, _) => Self::BadRequest,
            (401, _) => Self::Authentication,
            (402, _) => Self::Payment,
            (403, _) => Self::Permission,
            (404, _) => Self::NotFound,
            (408 | 504, _) => Self::Timeout,
            (409, _) => Self::Conflict,
            (422, _) => Self::Unprocessable,
            (429, _) => Self::RateLimit,
            (502, _) => Self::BadGateway,
            (503 | 529, _) => Self::Unavailable,
            (500.., _) => Self::Internal,
            (other, _) => Self::Other(other),
        }
    }

    /// Its status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::ContextWindow | Self::ContentPolicy => 400,
            Self::Authentication => 401,
            Self::Payment => 402,
            Self::Permission => 403,
            Self::NotFound => 404,
            Self::Timeout => 408,
            Self::Conflict => 409,
            Self::Unprocessable => 422,
            Self::RateLimit => 429,
            Self::Internal | Self::Connection => 500,
            Self::BadGateway => 502,
            Self::Unavailable => 503,
            Self::Other(status) => status,
        }
    }

    /// Its name in headers and spans.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::ContextWindow => "context_window",
            Self::ContentPolicy => "content_policy",
            Self::Authentication => "authentication",
            Self::Payment => "payment",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::Timeout => "timeout",
            Self::Conflict => "conflict",
            Self::Unprocessable => "unprocessable",
            Self::RateLimit => "rate_limit",
            Self::Internal => "internal",
            Self::BadGateway => "bad_gateway",
            Self::Unavailable => "unavailable",
            Self::Connection => "connection",
            Self::Other(_) => "other",
        }
    }

    /// Whether the same request may fare better another time (`litellm.should_retry`).
    #[must_use]
    pub fn passes(self) -> bool {
        matches!(self.status(), 408 | 409 | 429 | 500..)
    }

    /// The number a policy has for this kind. A prompt that does not fit, a content that is refused and an empty purse are bad
    /// requests too.
    #[must_use]
    pub fn in_policy(self, policy: &ByFailure) -> Option<u32> {
        match self {
            Self::BadRequest | Self::ContextWindow | Self::Payment => policy.bad_request,
            Self::ContentPolicy => policy.content_policy.or(policy.bad_request),
            Self::Authentication => policy.authentication,
            Self::NotFound => policy.not_found,
            Self::Timeout => policy.timeout,
            Self::RateLimit => policy.rate_limit,
            Self::Internal => policy.internal,
            Self::BadGateway => policy.bad_gateway,
            Self::Unavailable => policy.unavailable,
            _ => None,
        }
    }
}

impl Failure {
    /// A failure without a wish to be asked again.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            retry_after_ms: None,
        }
    }
}
