//! The boundary: parse, call, render.

use gyre_chain::body::BodyError;
use gyre_chain::reply::{self, JSON, Reply};
use gyre_chain::{CallContext, read_bounded};
use gyre_mcp_wire::server::{self, Call, Headers, INTERNAL_ERROR, INVALID_PARAMS, Message, Refusal};
use gyre_mcp_wire::{METHOD_HEADER, NAME_HEADER, VERSION_HEADER};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use spin_sdk::http::{IntoResponse, Request};

use crate::frozen::{self, Frozen, FrozenError};
use crate::intake::{self, BODY_BYTES_MAX, Head};
use crate::{leaf, outcome};

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    match answer(request).await {
        Ok(reply) => reply,
        Err(refusal) => refused(&refusal),
    }
}

async fn answer(request: Request) -> Result<Reply, Refusal> {
    let (parts, body) = request.into_parts();
    let context = CallContext::from_headers(&parts.headers);
    intake::check(Head {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        origin: text(&parts.headers, header::ORIGIN.as_str()),
        is_json: reply::is_json(parts.headers.get(header::CONTENT_TYPE)),
    })?;
    let body = read_bounded(body, BODY_BYTES_MAX)
        .await
        .map_err(|error| intake::unread(matches!(error, BodyError::TooLarge { .. })))?;
    let headers = Headers {
        accept: text(&parts.headers, "accept"),
        version: text(&parts.headers, VERSION_HEADER),
        method: text(&parts.headers, METHOD_HEADER),
        name: text(&parts.headers, NAME_HEADER),
    };
    match server::parse(headers, &body)? {
        Message::Notification => Ok(reply::bytes(StatusCode::ACCEPTED, JSON, Vec::new())),
        Message::Request { id, call } => {
            let body = served(&id, call, &context).await?;
            Ok(reply::bytes(StatusCode::OK, JSON, body))
        }
    }
}

async fn served(id: &Value, call: Call, context: &CallContext) -> Result<Vec<u8>, Refusal> {
    let broken = |error: FrozenError| Refusal::new(500, id, INTERNAL_ERROR, error.to_string());
    let tool_id = spin_sdk::variables::get("tool")
        .await
        .map_err(|_| broken(FrozenError::Id))?;
    match call {
        Call::Discover => Ok(server::discovered(id, &tool_id, env!("CARGO_PKG_VERSION"))),
        Call::ListTools => {
            let frozen = read(&tool_id).map_err(broken)?;
            Ok(server::listed_with(id, &frozen.listed()))
        }
        Call::CallTool { name, arguments } => {
            let frozen = read(&tool_id).map_err(broken)?;
            frozen.check(&leaf::described()).map_err(broken)?;
            called(id, &frozen, (name, arguments), context).await
        }
    }
}

async fn called(
    id: &Value,
    frozen: &Frozen,
    (name, arguments): (String, Map<String, Value>),
    context: &CallContext,
) -> Result<Vec<u8>, Refusal> {
    let Some(spec) = frozen.find(&name) else {
        let message = format!("there is no such tool here; hint: there is {}", frozen.names());
        return Err(Refusal::new(400, id, INVALID_PARAMS, message));
    };
    let arguments = Value::Object(arguments).to_string();
    let ended = leaf::call(name, arguments, context).await;
    let result = outcome::result(&spec.name, spec.output_schema.is_some(), ended);
    Ok(server::called(id, &result))
}

fn read(id: &str) -> Result<Frozen, FrozenError> {
    let path = frozen::path(id)?;
    let file = std::fs::read(&path).map_err(|_| FrozenError::Missing(path))?;
    Frozen::parse(id, &file)
}

fn refused(refusal: &Refusal) -> Reply {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut reply = reply::bytes(status, JSON, refusal.to_json());
    if status == StatusCode::METHOD_NOT_ALLOWED {
        reply
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    reply
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
