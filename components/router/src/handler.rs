//! The three paths: choose a backend, pass it on.

use crate::{backends, forward, intake, route};
use bytes::Bytes;
use gyre_chain::relay::Answer;
use gyre_chat_wire::{ApiError, Endpoint, render_models, requested_model};
use spin_sdk::http::{FullBody, HeaderMap, HeaderValue, IntoResponse, Request, StatusCode};
use spin_sdk::variables;
use spin_sdk::wasip3::http::types::{ErrorCode, Response};

type Reply = http::Response<FullBody<Bytes>>;

/// Answers one request.
pub(crate) async fn handle(request: Request) -> Result<Response, ErrorCode> {
    match route_request(request).await {
        Ok(Routed::Backend(answer)) => {
            let mut headers = answer.headers()?;
            forward::strip(&mut headers);
            answer.hand_on(headers)
        }
        Ok(Routed::Own(reply)) => reply.into_response(),
        Err(error) => refusal(&error).into_response(),
    }
}

/// Where an answer comes from.
enum Routed {
    /// Passed through as it comes.
    Backend(Answer),
    Own(Reply),
}

async fn route_request(request: Request) -> Result<Routed, ApiError> {
    match Endpoint::of(request.method().as_str(), request.uri().path())? {
        endpoint @ (Endpoint::Chat | Endpoint::Embeddings) => {
            pass_on(request, endpoint).await.map(Routed::Backend)
        }
        Endpoint::Models => model_list(request.headers()).await.map(Routed::Own),
    }
}

async fn configured() -> Result<Vec<String>, ApiError> {
    // An undefined variable is an empty one: both are refused with the same cure.
    route::backends(&variables::get("backends").await.unwrap_or_default())
}

async fn model_list(headers: &HeaderMap) -> Result<Reply, ApiError> {
    let reports = backends::ask_all(&configured().await?, headers).await;
    Ok(json(StatusCode::OK, &render_models(&route::merge(&reports))))
}

async fn pass_on(request: Request, endpoint: Endpoint) -> Result<Answer, ApiError> {
    let headers = request.headers().clone();
    let body = intake::json_body(request).await?;
    let model = requested_model(&body)?;
    let backend = choose(&model, &headers).await?;
    let request = forward::request(&backend, endpoint, &headers, FullBody::new(body))?;
    Answer::to(request).await.map_err(|_| unavailable(&backend))
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

fn refusal(error: &ApiError) -> Reply {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json(status, &error.to_json())
}

fn json(status: StatusCode, value: &impl ToString) -> Reply {
    let mut response = Reply::new(FullBody::new(Bytes::from(value.to_string())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("content-type", HeaderValue::from_static("application/json"));
    response
}
