//! The boundary: parse, call, render.

use gyre_agent_wire::Problem;
use gyre_chain::reply::{self, Reply};
use gyre_chain::{CallContext, read_json};
use gyre_mcp_wire::server::{Call, Refusal};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use spin_sdk::http::{IntoResponse, Request};

use crate::embedder::Embedder;
use crate::mcp::{self, Task};
use crate::request::{BODY_BYTES_MAX, parse};
use crate::{ingest, search, store};

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let context = CallContext::from_headers(request.headers());
    match route(request, &context).await {
        Ok(reply) => reply,
        Err(problem) => reply::problem(&problem.of_request(&context.request_id)),
    }
}

async fn route(request: Request, context: &CallContext) -> Result<Reply, Problem> {
    let (parts, body) = request.into_parts();
    match (parts.method, parts.uri.path()) {
        (Method::GET, "/documents") => {
            let passages = store::count(&[]).await?;
            Ok(reply::json(StatusCode::OK, &json!({ "passages": passages })))
        }
        (Method::POST, path @ ("/documents" | "/search")) => {
            let body = read_json(&parts.headers, body, BODY_BYTES_MAX).await?;
            let model = embedding_model().await?;
            let mut embedder = Embedder::new(&model, context);
            if path == "/documents" {
                let ingested = ingest::ingest(parse(&body)?, &mut embedder).await?;
                return Ok(reply::json(StatusCode::OK, &ingested));
            }
            let found = search::search(&parse(&body)?, &mut embedder).await?;
            Ok(reply::json(StatusCode::OK, &found))
        }
        (Method::POST, "/mcp") => {
            let answer = async |id: &Value, call| called(id, call, context).await;
            gyre_mcp_http::serve(&parts.headers, body, BODY_BYTES_MAX, answer).await
        }
        (_, path) => Err(Problem::new(
            404,
            "not-found",
            format!("retrieval has no {path} for this method"),
            "use POST /documents, GET /documents, POST /search or POST /mcp",
        )),
    }
}

async fn called(id: &Value, call: Call, context: &CallContext) -> Result<Vec<u8>, Refusal> {
    match mcp::task(id, call)? {
        Task::Answer(body) => Ok(body),
        Task::Search(request) => {
            let found = match embedding_model().await {
                Ok(model) => search::search(&request, &mut Embedder::new(&model, context)).await,
                Err(problem) => Err(problem),
            };
            Ok(mcp::answer(id, found))
        }
    }
}

async fn embedding_model() -> Result<String, Problem> {
    spin_sdk::variables::get("embedding_model").await.map_err(|_| {
        Problem::new(
            500,
            "not-configured",
            "retrieval has no embedding model named",
            "set embedding_model under [component.retrieval.variables] in spin.toml",
        )
    })
}
