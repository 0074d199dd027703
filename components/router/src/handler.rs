//! The three paths: choose a backend, pass it on.

use crate::{backends, forward, intake, route};
use bytes::Bytes;
use gyre_chat_wire::{ApiError, Endpoint, render_models, requested_model};
use spin_sdk::http::{
    BoxBody, FullBody, HeaderMap, HeaderValue, Request, Response, StatusCode, box_body, send,
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
    match Endpoint::of(request.method().as_str(), request.uri().path())? {
        endpoint @ (Endpoint::Chat | Endpoint::Embeddings) => pass_on(request, endpoint).await,
        Endpoint::Models => model_list(request.headers()).await,
    }
}

async fn configured() -> Result<Vec<String>, ApiError> {
    // An undefined variable is an empty one: both are refused with the same cure.
    route::backends(&variables::get("backends").await.unwrap_or_default())
}

async fn model_list(headers: &HeaderMap) -> Answer {
    let reports = backends::ask_all(&configured().await?, headers).await;
    Ok(json(StatusCode::OK, &render_models(&route::merge(&reports))))
}

async fn pass_on(request: Request, endpoint: Endpoint) -> Answer {
    let headers = request.headers().clone();
    let body = intake::json_body(request).await?;
    let model = requested_model(&body)?;
    let backend = choose(&model, &headers).await?;
    let request = forward::request(&backend, endpoint, &headers, FullBody::new(body))?;
    let answer = send(request).await.map_err(|_| unavailable(&backend))?;
    let (mut parts, body) = answer.into_parts();
    forward::strip(&mut parts.headers);
    Ok(Response::from_parts(parts, box_body(body)))
}

/// The backend that lists the model.
async fn choose(model: &str, headers: &HeaderMap) -> Result<String, ApiError> {
    let found = backends::find(model, &configured().await?, headers).await;
    found.map_err(|reports| route::nowhere(model, &reports))
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
