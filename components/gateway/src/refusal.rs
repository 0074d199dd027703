//! What the gateway itself refuses, in the shape that the path's clients read.

use gyre_agent_wire::Problem;
use gyre_chain::BodyError;
use gyre_chain::reply::{self, Reply};
use gyre_chat_wire::ApiError;
use http::{HeaderValue, StatusCode};

use crate::bounds::{REQUEST_TIME_MAX_MS, TARGET_BYTES_MAX};

/// Why a request is not passed on, or not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No service has this path.
    NotFound,
    /// No service has this method.
    Method,
    /// Path and query are too long.
    TargetTooLong,
    /// The body was not read.
    Body(Problem),
    /// The body is not JSON by its header.
    NotJson(Problem),
    /// The service did not answer in time.
    TooLate,
    /// The service did not answer.
    NoAnswer(&'static str),
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        Self::Body(reply::body_problem(&error))
    }
}

impl Refusal {
    /// The refusal of a content type.
    #[must_use]
    pub fn not_json(content_type: Option<&HeaderValue>) -> Self {
        Self::NotJson(reply::not_json(content_type))
    }

    /// As a problem.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new(
                404,
                "not-found",
                "nothing is served at this path",
                "use /api/v1/agents, /documents, /search, /runs or /sessions there, /health, or the model API under /v1",
            ),
            Self::Method => Problem::new(
                405,
                "method-not-allowed",
                "this method is not served",
                "use GET, POST, PUT, PATCH or DELETE",
            ),
            Self::TargetTooLong => Problem::new(
                414,
                "target-too-long",
                format!("path and query are longer than {TARGET_BYTES_MAX} bytes"),
                "send what is long in the body",
            ),
            Self::Body(problem) | Self::NotJson(problem) => problem.clone(),
            Self::TooLate => Problem::new(
                504,
                "deadline",
                format!("there was no answer within {} s", REQUEST_TIME_MAX_MS / 1000),
                "ask for less at once, or use a smaller model",
            ),
            Self::NoAnswer(service) => Problem::new(
                502,
                "no-answer",
                format!("the service {service} did not answer"),
                "see the log of `gyre up` for this request id, and run `gyre doctor`",
            ),
        }
    }

    /// As the answer to a client of this path: OpenAI's clients read OpenAI's errors.
    #[must_use]
    pub fn reply(&self, path: &str, request_id: &str) -> Reply {
        let problem = self.problem().of_request(request_id);
        if path != "/v1" && !path.starts_with("/v1/") {
            return reply::problem(&problem);
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = problem.kind().replace('-', "_");
        let message = format!("{}. hint: {}", problem.detail, problem.hint);
        reply::json(status, &ApiError::new(problem.status, &code, message).to_json())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_names_a_cure() {
        let all = [
            Refusal::NotFound,
            Refusal::Method,
            Refusal::TargetTooLong,
            BodyError::TooLarge { limit_bytes: 1 }.into(),
            BodyError::Cut.into(),
            Refusal::not_json(None),
            Refusal::TooLate,
            Refusal::NoAnswer("api"),
        ];
        for refusal in all {
            let problem = refusal.problem();
            assert!(problem.status >= 400 && !problem.hint.is_empty(), "{problem:?}");
        }
    }

    #[test]
    fn the_model_api_refuses_as_openai_does() {
        let ours = Refusal::NoAnswer("api").reply("/api/v1/agents", "r");
        assert_eq!(ours.headers()["content-type"], "application/problem+json");
        let theirs = Refusal::NoAnswer("router").reply("/v1/models", "r");
        assert_eq!(theirs.headers()["content-type"], "application/json");
        assert_eq!(theirs.status(), 502);
    }
}
