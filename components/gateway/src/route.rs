//! Which service answers which path.

use http::Method;

use crate::bounds::TARGET_BYTES_MAX;
use crate::refusal::Refusal;

/// A service behind the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Agents, documents, search, runs, sessions, health.
    Api,
    /// The model API.
    Router,
}

impl Target {
    /// Its Spin id.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Router => "router",
        }
    }
}

/// The service for a path; the error is for its caller.
pub fn target(path: &str) -> Result<Target, Refusal> {
    let under = |root: &str| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if path == "/health" || under("/api") {
        Ok(Target::Api)
    } else if under("/v1") {
        Ok(Target::Router)
    } else {
        Err(Refusal::NotFound)
    }
}

/// Whether the request line is one that is passed on.
pub fn check_line(method: &Method, path_and_query: &str) -> Result<(), Refusal> {
    if path_and_query.len() > TARGET_BYTES_MAX {
        return Err(Refusal::TargetTooLong);
    }
    match *method {
        Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => Ok(()),
        _ => Err(Refusal::Method),
    }
}

/// Whether requests of this method carry JSON.
#[must_use]
pub fn needs_json(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_services() {
        for (path, expected) in [
            ("/health", Some(Target::Api)),
            ("/api/v1/agents", Some(Target::Api)),
            ("/api/v1/runs/0190-a", Some(Target::Api)),
            ("/api/v1/sessions/my.notes", Some(Target::Api)),
            ("/runs", None),
            ("/sessions", None),
            ("/v1/models", Some(Target::Router)),
            ("/v1", Some(Target::Router)),
            ("/v10/models", None),
            ("/apix", None),
            ("/health/x", None),
            ("/run", None),
            ("/", None),
            ("", None),
            ("/API/v1", None),
        ] {
            assert_eq!(target(path).ok(), expected, "{path}");
        }
    }

    #[test]
    fn odd_request_lines_are_refused() {
        assert!(check_line(&Method::GET, "/api/v1/runs?limit=20&offset=40").is_ok());
        assert!(check_line(&Method::DELETE, "/api/v1/sessions/my.notes").is_ok());
        assert!(!needs_json(&Method::DELETE) && !needs_json(&Method::GET) && needs_json(&Method::POST));
        assert_eq!(check_line(&Method::TRACE, "/"), Err(Refusal::Method));
        assert_eq!(check_line(&Method::CONNECT, "/"), Err(Refusal::Method));
        assert_eq!(
            check_line(&Method::GET, &"/".repeat(9000)),
            Err(Refusal::TargetTooLong)
        );
    }
}
