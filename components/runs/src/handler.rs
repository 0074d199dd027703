//! The boundary: parse, call, render.

use gyre_agent_wire::Problem;
use gyre_chain::reply::{self, Reply};
use gyre_chain::{CallContext, Query, read_json};
use gyre_clock::now_ms;
use gyre_ledger::port::Port;
use http::{Method, StatusCode};
use serde_json::json;
use spin_sdk::http::{IntoResponse, Request};

use crate::name;
use crate::record;
use crate::request::{self, ASKED, BODY_BYTES_MAX};
use crate::tick;
use crate::view::{self, Page};

/// Runs of a list, unless the caller says otherwise, and at most.
const LIMIT_DEFAULT: u64 = 20;
const LIMIT_MAX: u64 = 100;

/// The most that `runs_max` may be.
const RUNS_MAX_MAX: u32 = 100_000;

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
    let path = request.uri().path().to_owned();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method(), segments.as_slice()) {
        (&Method::POST, ["runs", id, "events"]) => append(request, &tenant, id).await,
        (&Method::GET, ["runs"]) => {
            let query = Query::parse(request.uri().query(), &["limit", "offset"])?;
            let limit = query.number("limit", 1..=LIMIT_MAX, LIMIT_DEFAULT)?;
            let offset = query.number("offset", 0..=u64::from(u32::MAX), 0)?;
            // Both are within u32 by their bounds.
            let page = Page {
                offset: offset as u32,
                limit: limit as u32,
                now_ms: now_ms(),
            };
            Ok(reply::json(
                StatusCode::OK,
                &view::list(&Port, &tenant, page).await?,
            ))
        }
        (&Method::GET, ["runs", id]) => {
            let query = Query::parse(request.uri().query(), &["after"])?;
            let after = query.number("after", 0..=u64::MAX, 0)?;
            let name = name::run(&tenant, id)?;
            let run = view::get(&Port, &name, after, now_ms()).await?;
            Ok(reply::json(StatusCode::OK, &run))
        }
        (&Method::POST, ["tick"]) => {
            let done = tick::tick(&Port, runs_max().await?, now_ms()).await?;
            Ok(reply::json(StatusCode::OK, &done))
        }
        _ => Err(Problem::new(
            404,
            "not-found",
            "runs has no such path for this method",
            "use POST /runs/{id}/events, GET /runs, GET /runs/{id} or POST /tick",
        )),
    }
}

async fn append(request: Request, tenant: &str, id: &str) -> Result<Reply, Problem> {
    let name = name::run(tenant, id)?;
    let (parts, body) = request.into_parts();
    let body = read_json(&parts.headers, body, BODY_BYTES_MAX).await?;
    let events = request::parse(&body)?;
    let runs_max = runs_max().await?;
    let begins = events.first().is_some_and(|event| event.kind == ASKED);
    let length = record::append(&Port, &name, events).await?;
    if begins && let Err(failure) = record::prune(&Port, tenant, runs_max).await {
        // The events are kept; the next run makes room.
        eprintln!("runs: no room was made: {failure}");
    }
    Ok(reply::json(StatusCode::OK, &json!({ "length": length })))
}

async fn runs_max() -> Result<u32, Problem> {
    let text = spin_sdk::variables::get("runs_max").await.unwrap_or_default();
    let read = text.parse().ok().filter(|runs| (1..=RUNS_MAX_MAX).contains(runs));
    read.ok_or_else(|| {
        Problem::new(
            500,
            "not-configured",
            format!("the variable runs_max of runs is not a number from 1 to {RUNS_MAX_MAX}"),
            "set runs_max under [component.runs.variables] in spin.toml",
        )
    })
}
