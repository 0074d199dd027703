//! The three paths: choose a backend, pass it on.

use crate::route::{self, Report};
use crate::{backends, forward, intake};
use bytes::Bytes;
use gyre_chat_wire::{ApiError, render_models, requested_model};
use spin_sdk::http::{
    BoxBody, FullBody, HeaderMap, HeaderValue, Method, Request, Response, StatusCode, box_body, send,
};
use spin_sdk::variables;

type Answer = Result<Response<BoxBody>, ApiError>;

/// Answers one request.
pub(crate) async fn handle(request: Request) -> Response<BoxBody> {
    route_request(request)
        .await
        .unwrap_or_else(|error| refusal(&error))
}

async fn route_request(request: Request) -> Answer {
    let path = request.uri().path().to_owned();
    match (request.method(), path.as_str()) {
        (&Method::POST, "/v1/chat/completions" | "/v1/embeddings") => pass_on(request, &path).await,
        (&Method::GET, "/v1/models") => model_list(request.headers()).await,
        (_, "/v1/chat/completions" | "/v1/embeddings") => Err(wrong_method("POST")),
        (_, "/v1/models") => Err(wrong_method("GET")),
        _ => Err(ApiError::new(
            404,
            "unknown_path",
            "no such path; hint: there are /v1/chat/completions, /v1/embeddings and /v1/models",
        )),
    }
}

fn wrong_method(right: &str) -> ApiError {
    ApiError::new(405, "method_not_allowed", format!("this path takes {right} only"))
}

async fn configured() -> Result<Vec<String>, ApiError> {
    // An undefined variable is an empty one: both are refused with the same cure.
    route::backends(&variables::get("backends").await.unwrap_or_default())
}

async fn model_list(headers: &HeaderMap) -> Answer {
    let reports = backends::ask_all(&configured().await?, headers).await;
    Ok(json(StatusCode::OK, &render_models(&route::merge(&reports))))
}

async fn pass_on(request: Request, path: &str) -> Answer {
    let headers = request.headers().clone();
    let body = intake::json_body(request).await?;
    let model = requested_model(&body)?;
    let backend = choose(&model, &headers).await?;
    let request = forward::request(&backend, path, Method::POST, &headers, FullBody::new(body))?;
    let answer = send(request).await.map_err(|_| unavailable(&backend))?;
    let (mut parts, body) = answer.into_parts();
    forward::strip(&mut parts.headers);
    Ok(Response::from_parts(parts, box_body(body)))
}

/// The first backend, in the order of the variable, that lists the model.
async fn choose(model: &str, headers: &HeaderMap) -> Result<String, ApiError> {
    let mut reports: Vec<Report> = Vec::new();
    for backend in configured().await? {
        let report = backends::ask(&backend, headers).await;
        if route::serves(&report, model) {
            return Ok(backend);
        }
        reports.push(report);
    }
    Err(route::nowhere(model, &reports))
}

fn unavailable(backend: &str) -> ApiError {
    ApiError::new(
        502,
        "backend_unavailable",
        format!(
            "the backend `{backend}` listed the model but did not answer; hint: try again, and see the host's log"
        ),
    )
}

fn refusal(error: &ApiError) -> Response<BoxBody> {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json(status, &error.to_json())
}

fn json(status: StatusCode, value: &impl ToString) -> Response<BoxBody> {
    let mut response = Response::new(box_body(FullBody::new(Bytes::from(value.to_string()))));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("content-type", HeaderValue::from_static("application/json"));
    response
}
