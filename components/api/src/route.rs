//! What is asked for, by method and path.

use gyre_agent_wire::Problem;
use http::Method;

use crate::names;

/// What a page of a list is asked for by.
const PAGE: &[&str] = &["limit", "offset"];

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The agents there are.
    Agents,
    /// One agent.
    Agent(String),
    /// Making an agent at run time.
    NewAgent,
    /// Removing an agent that was made so.
    RemoveAgent(String),
    /// Asking an agent.
    Chat(String),
    /// What only another service answers.
    Pass(Pass),
    /// Whether all is well.
    Health,
}

/// A request that another service answers, by the same method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// The Spin id of the service.
    pub service: &'static str,
    /// The path there.
    pub path: String,
    /// The numbers that its query may have.
    pub numbers: &'static [&'static str],
}

impl Pass {
    fn to(service: &'static str, path: impl Into<String>) -> Self {
        Self {
            service,
            path: path.into(),
            numbers: &[],
        }
    }

    fn asking(self, numbers: &'static [&'static str]) -> Self {
        Self { numbers, ..self }
    }
}

/// Reads a request line.
pub fn route(method: &Method, path: &str) -> Result<Route, Problem> {
    let allowed = routes(path)?;
    let methods: Vec<&str> = allowed.iter().map(|(m, _)| m.as_str()).collect();
    let hint = format!("use {}", methods.join(" or "));
    allowed
        .into_iter()
        .find(|(m, _)| m == method)
        .map(|(_, route)| route)
        .ok_or_else(|| {
            let detail = format!("{path} does not answer {method}");
            Problem::new(405, "method-not-allowed", detail, hint)
        })
}

/// What a path answers, by method.
fn routes(path: &str) -> Result<Vec<(Method, Route)>, Problem> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const DELETE: Method = Method::DELETE;
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let rest = match segments.as_slice() {
        ["health"] => return Ok(vec![(GET, Route::Health)]),
        ["api", "v1", rest @ ..] => rest,
        _ => return Err(not_found(path)),
    };
    Ok(match *rest {
        ["agents"] => vec![(GET, Route::Agents), (POST, Route::NewAgent)],
        ["agents", id] => vec![
            (GET, Route::Agent(id.to_owned())),
            (DELETE, Route::RemoveAgent(id.to_owned())),
        ],
        ["agents", id, "chat"] => vec![(POST, Route::Chat(id.to_owned()))],
        ["documents"] => {
            let documents = Route::Pass(Pass::to("retrieval", "/documents"));
            vec![(GET, documents.clone()), (POST, documents)]
        }
        ["search"] => vec![(POST, Route::Pass(Pass::to("retrieval", "/search")))],
        ["runs"] => vec![(GET, Route::Pass(Pass::to("runs", "/runs").asking(PAGE)))],
        ["runs", id] => {
            names::check_run(id)?;
            let run = Pass::to("runs", format!("/runs/{id}")).asking(&["after"]);
            vec![(GET, Route::Pass(run))]
        }
        ["sessions"] => vec![(GET, Route::Pass(Pass::to("memory", "/sessions").asking(PAGE)))],
        ["sessions", id] => {
            names::check_session(id)?;
            let session = Route::Pass(Pass::to("memory", format!("/sessions/{id}")));
            vec![(GET, session.clone()), (DELETE, session)]
        }
        _ => return Err(not_found(path)),
    })
}

fn not_found(path: &str) -> Problem {
    // Paths are bounded by the gateway; a long one is still no good in a message.
    let shown: String = path.chars().take(100).collect();
    Problem::new(
        404,
        "not-found",
        format!("nothing is served at {shown}"),
        "use /health, or /api/v1/agents, and /documents, /search, /runs or /sessions there",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_routed() {
        let documents = Route::Pass(Pass::to("retrieval", "/documents"));
        let search = Route::Pass(Pass::to("retrieval", "/search"));
        let runs = Route::Pass(Pass::to("runs", "/runs").asking(PAGE));
        let run = Route::Pass(Pass::to("runs", "/runs/0-a").asking(&["after"]));
        let sessions = Route::Pass(Pass::to("memory", "/sessions").asking(PAGE));
        let session = Route::Pass(Pass::to("memory", "/sessions/my.notes"));
        for (method, path, expected) in [
            (Method::GET, "/health", Ok(Route::Health)),
            (Method::GET, "/api/v1/agents", Ok(Route::Agents)),
            (Method::POST, "/api/v1/agents", Ok(Route::NewAgent)),
            (Method::GET, "/api/v1/agents/a", Ok(Route::Agent("a".into()))),
            (
                Method::DELETE,
                "/api/v1/agents/a",
                Ok(Route::RemoveAgent("a".into())),
            ),
            (Method::PUT, "/api/v1/agents/a", Err(405)),
            (Method::POST, "/api/v1/agents/a/chat", Ok(Route::Chat("a".into()))),
            (Method::GET, "/api/v1/agents/a/chat", Err(405)),
            (Method::POST, "/api/v1/documents", Ok(documents)),
            (Method::DELETE, "/api/v1/documents", Err(405)),
            (Method::POST, "/api/v1/search", Ok(search)),
            (Method::GET, "/api/v1/runs", Ok(runs)),
            (Method::POST, "/api/v1/runs", Err(405)),
            (Method::GET, "/api/v1/runs/0-a", Ok(run)),
            (Method::DELETE, "/api/v1/runs/0-a", Err(405)),
            (Method::POST, "/api/v1/runs/0-a/events", Err(404)),
            (Method::GET, "/api/v1/runs/a%2F..", Err(422)),
            (Method::GET, "/api/v1/sessions", Ok(sessions)),
            (Method::DELETE, "/api/v1/sessions/my.notes", Ok(session.clone())),
            (Method::GET, "/api/v1/sessions/my.notes", Ok(session)),
            (Method::POST, "/api/v1/sessions/my.notes", Err(405)),
            (Method::GET, "/api/v1/sessions/", Err(422)),
            (Method::GET, "/api/v1/agents/a/b/c", Err(404)),
            (Method::GET, "/api/v2/agents", Err(404)),
            (Method::GET, "/api/v1", Err(404)),
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
