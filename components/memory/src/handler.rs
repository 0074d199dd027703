//! The boundary: parse, call, render.

use gyre_agent_wire::Problem;
use gyre_chain::reply::{self, Reply};
use gyre_chain::{CallContext, Query};
use gyre_ledger::port::Port;
use gyre_mcp_wire::server::{Call, Refusal};
use http::{Method, StatusCode};
use serde_json::Value;
use spin_sdk::http::{IntoResponse, Request};

use crate::mcp::{self, Task};
use crate::name;
use crate::session;
use crate::turn::{TURN_BYTES_MAX, Turn};

/// Bytes of a body: a turn and what MCP puts around it.
const BODY_BYTES_MAX: usize = TURN_BYTES_MAX + 64 * 1024;

/// Sessions of a list, unless the caller says otherwise, and at most.
const LIMIT_DEFAULT: u64 = 50;
const LIMIT_MAX: u64 = 200;

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let context = CallContext::from_headers(request.headers());
    match route(request, &context).await {
        Ok(reply) => reply,
        Err(problem) => reply::problem(&problem.of_request(&context.request_id)),
    }
}

async fn route(request: Request, context: &CallContext) -> Result<Reply, Problem> {
    let tenant = context.tenant()?;
    let (parts, body) = request.into_parts();
    let segments: Vec<&str> = parts.uri.path().split('/').skip(1).collect();
    match (&parts.method, segments.as_slice()) {
        (&Method::POST, ["mcp"]) => {
            let answer = async |id: &Value, call| called(id, call, &tenant).await;
            gyre_mcp_http::serve(&parts.headers, body, BODY_BYTES_MAX, answer).await
        }
        (&Method::GET, ["sessions"]) => {
            let query = Query::parse(parts.uri.query(), &["limit", "offset"])?;
            let limit = query.number("limit", 1..=LIMIT_MAX, LIMIT_DEFAULT)?;
            let offset = query.number("offset", 0..=u64::from(u32::MAX), 0)?;
            // Both are within u32 by their bounds.
            let listed = session::list(&Port, &tenant, offset as u32, limit as u32).await?;
            Ok(reply::json(StatusCode::OK, &listed))
        }
        (&Method::GET, ["sessions", id]) => {
            let query = Query::parse(parts.uri.query(), &["after"])?;
            let after = query.number("after", 0..=u64::MAX, 0)?;
            let name = name::session(&tenant, id)?;
            Ok(reply::json(
                StatusCode::OK,
                &session::get(&Port, &name, after).await?,
            ))
        }
        (&Method::DELETE, ["sessions", id]) => {
            session::delete(&Port, &name::session(&tenant, id)?).await?;
            Ok(reply::no_content())
        }
        _ => Err(Problem::new(
            404,
            "not-found",
            "memory has no such path for this method",
            "use POST /mcp, GET /sessions, GET /sessions/{id} or DELETE /sessions/{id}",
        )),
    }
}

async fn called(id: &Value, call: Call, tenant: &str) -> Result<Vec<u8>, Refusal> {
    match mcp::task(id, call)? {
        Task::Answer(body) => Ok(body),
        Task::Recall(recall) => {
            let recalled = match name::session(tenant, &recall.session) {
                Ok(name) => session::recall(&Port, &name, recall.limit).await,
                Err(problem) => Err(problem),
            };
            Ok(gyre_mcp_http::answer(id, recalled))
        }
        Task::Append(append) => {
            let turn = Turn {
                run: append.run,
                messages: append.messages,
            };
            let appended = match name::session(tenant, &append.session) {
                Ok(name) => session::append(&Port, &name, &turn).await,
                Err(problem) => Err(problem),
            };
            Ok(gyre_mcp_http::answer(id, appended))
        }
    }
}
