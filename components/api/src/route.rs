//! What is asked for, by method and path.

use gyre_agent_wire::Problem;
use http::Method;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The agents there are.
    Agents,
    /// One agent.
    Agent(String),
    /// Making an agent at run time.
    NewAgent,
    /// Asking an agent.
    Chat(String),
    /// What only `retrieval` answers: its path there.
    Retrieval(&'static str),
    /// Whether all is well.
    Health,
}

/// Reads a request line.
pub fn route(method: &Method, path: &str) -> Result<Route, Problem> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let allowed: &[(Method, Route)] = &match segments.as_slice() {
        ["health"] => vec![(Method::GET, Route::Health)],
        ["api", "v1", "agents"] => vec![(Method::GET, Route::Agents), (Method::POST, Route::NewAgent)],
        ["api", "v1", "agents", id] => vec![(Method::GET, Route::Agent((*id).to_owned()))],
        ["api", "v1", "agents", id, "chat"] => vec![(Method::POST, Route::Chat((*id).to_owned()))],
        ["api", "v1", "documents"] => vec![
            (Method::GET, Route::Retrieval("/documents")),
            (Method::POST, Route::Retrieval("/documents")),
        ],
        ["api", "v1", "search"] => vec![(Method::POST, Route::Retrieval("/search"))],
        _ => return Err(not_found(path)),
    };
    allowed
        .iter()
        .find(|(m, _)| m == method)
        .map(|(_, route)| route.clone())
        .ok_or_else(|| {
            let methods: Vec<&str> = allowed.iter().map(|(m, _)| m.as_str()).collect();
            Problem::new(
                405,
                "method-not-allowed",
                format!("{path} does not answer {method}"),
                format!("use {}", methods.join(" or ")),
            )
        })
}

fn not_found(path: &str) -> Problem {
    // Paths are bounded by the gateway; a long one is still no good in a message.
    let shown: String = path.chars().take(100).collect();
    Problem::new(
        404,
        "not-found",
        format!("nothing is served at {shown}"),
        "use /api/v1/agents, /api/v1/agents/{id}/chat, /api/v1/documents, /api/v1/search or /health",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_routed() {
        for (method, path, expected) in [
            (Method::GET, "/health", Ok(Route::Health)),
            (Method::GET, "/api/v1/agents", Ok(Route::Agents)),
            (Method::POST, "/api/v1/agents", Ok(Route::NewAgent)),
            (Method::GET, "/api/v1/agents/a", Ok(Route::Agent("a".into()))),
            (Method::POST, "/api/v1/agents/a/chat", Ok(Route::Chat("a".into()))),
            (Method::GET, "/api/v1/agents/a/chat", Err(405)),
            (
                Method::POST,
                "/api/v1/documents",
                Ok(Route::Retrieval("/documents")),
            ),
            (Method::DELETE, "/api/v1/documents", Err(405)),
            (Method::POST, "/api/v1/search", Ok(Route::Retrieval("/search"))),
            (Method::GET, "/api/v1/agents/a/b/c", Err(404)),
            (Method::GET, "/api/v2/agents", Err(404)),
            (Method::GET, "/", Err(404)),
        ] {
            assert_eq!(
                route(&method, path).map_err(|p| p.status),
                expected,
                "{method} {path}"
            );
        }
    }
}
