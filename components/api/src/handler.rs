//! The boundary: parse, call, render.

use gyre_agent_wire::{Problem, problem};
use gyre_chain::reply::{self, JSON};
use gyre_chain::send::Call;
use gyre_chain::{CallContext, read_bounded};
use http::request::Parts;
use http::{Method, StatusCode, header};
use spin_sdk::http::{BoxBody, IntoResponse, Request, Response, box_body};
use spin_sdk::wasip3::http_compat::IncomingRequestBody;

use crate::chat::ChatRequest;
use crate::roster::Roster;
use crate::route::{Route, route};
use crate::{agents, probe, run};

/// Bytes of a body; that of `gateway`.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of an answer of `retrieval`.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

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
    let ok = |value: &serde_json::Value| reply::json(StatusCode::OK, value).map(box_body);
    match route(&parts.method, parts.uri.path())? {
        Route::Health => {
            // Degraded is still an answer: what works goes on working.
            Ok(reply::json(StatusCode::OK, &probe::probe(context).await).map(box_body))
        }
        Route::Agents => Ok(ok(&agents::list(&roster().await?, context).await)),
        Route::Agent(id) => Ok(ok(&agents::one(&roster().await?, &id, context).await?)),
        Route::NewAgent => Err(Problem::new(
            501,
            "unsupported",
            "agents cannot be made at run time yet",
            "add a component agent-<name> and its persona to spin.toml, name it in `agents` under \
             [component.api.variables], and start again",
        )),
        Route::Chat(id) => {
            let service = roster().await?.service(&id)?;
            let request = ChatRequest::parse(&read_json(parts, body).await?)?;
            let events = run::start(&service, request.run_json(), context).await?;
            if request.stream {
                return Ok(events.into_response());
            }
            Ok(reply::json(StatusCode::OK, &events.fold().await?).map(box_body))
        }
        Route::Retrieval(path) => {
            let json = if parts.method == Method::GET {
                None
            } else {
                Some(read_json(parts, body).await?)
            };
            let call = Call {
                service: "retrieval",
                path,
                json,
                headers: &[],
            };
            let (status, answer) = call.fetch(context, ANSWER_BYTES_MAX).await.map_err(|error| {
                Problem::new(
                    502,
                    "retrieval-unavailable",
                    error.to_string(),
                    "see the log of `gyre up`",
                )
            })?;
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            let media_type = if status.is_success() {
                JSON
            } else {
                problem::MEDIA_TYPE
            };
            Ok(reply::bytes(status, media_type, answer).map(box_body))
        }
    }
}

async fn read_json(parts: &Parts, body: IncomingRequestBody) -> Result<Vec<u8>, Problem> {
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    if !reply::is_json(content_type) {
        return Err(reply::not_json(content_type));
    }
    read_bounded(body, BODY_BYTES_MAX)
        .await
        .map_err(|error| reply::body_problem(&error))
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
