//! The boundary: parse, call, render.

use gyre_agent_wire::Problem;
use gyre_chain::reply;
use gyre_chain::{CallContext, read_json};
use http::request::Parts;
use http::{Method, StatusCode};
use spin_sdk::http::{BoxBody, EmptyBody, IntoResponse, Request, Response, box_body};
use spin_sdk::wasip3::http_compat::IncomingRequestBody;

use crate::chat::ChatRequest;
use crate::roster::Roster;
use crate::route::{Route, route};
use crate::run::Run;
use crate::{agents, pass, probe};

/// Bytes of a body; that of `gateway`.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let context = CallContext::from_headers(request.headers());
    let (parts, body) = request.into_parts();
    match answer(&parts, body, &context).await {
        Ok(response) => response,
        Err(problem) => reply::problem(&problem.of_request(&context.request_id)).map(box_body),
    }
}

async fn answer(
    parts: &Parts,
    body: IncomingRequestBody,
    context: &CallContext,
) -> Result<Response<BoxBody>, Problem> {
    match route(&parts.method, parts.uri.path())? {
        // Degraded is still an answer: what works goes on working.
        Route::Health => Ok(ok(&probe::probe(context).await)),
        Route::Agents => Ok(ok(&agents::list(&roster().await?, context).await?)),
        Route::Agent(id) => Ok(ok(&agents::one(&roster().await?, &id, context).await?)),
        Route::NewAgent => {
            let body = read_json(&parts.headers, body, BODY_BYTES_MAX).await?;
            let agent = agents::create(&roster().await?, &body, context).await?;
            Ok(reply::json(StatusCode::CREATED, &agent).map(box_body))
        }
        Route::RemoveAgent(id) => {
            agents::remove(&roster().await?, &id).await?;
            let mut response = Response::new(box_body(EmptyBody::new()));
            *response.status_mut() = StatusCode::NO_CONTENT;
            Ok(response)
        }
        Route::Chat(id) => {
            let target = agents::target(&roster().await?, &id).await?;
            let request = ChatRequest::parse(&read_json(&parts.headers, body, BODY_BYTES_MAX).await?)?;
            let run = Run::start(&id, &target, &request, context).await?;
            if request.stream {
                return Ok(run.into_response());
            }
            Ok(ok(&run.fold().await?))
        }
        Route::Pass(pass) => {
            let json = if parts.method == Method::POST {
                Some(read_json(&parts.headers, body, BODY_BYTES_MAX).await?)
            } else {
                None
            };
            pass::pass(parts, pass, json, context).await
        }
    }
}

fn ok(value: &impl serde::Serialize) -> Response<BoxBody> {
    reply::json(StatusCode::OK, value).map(box_body)
}

async fn roster() -> Result<Roster, Problem> {
    let variable = spin_sdk::variables::get("agents").await.map_err(|_| {
        Problem::new(
            500,
            "not-configured",
            "the roster of agents is missing",
            "set `agents` under [component.api.variables] in spin.toml",
        )
    })?;
    Roster::parse(&variable)
}
