//! The boundary: parse, call, render.

use gyre_chain::body::BodyError;
use gyre_chain::reply::{self, Reply};
use gyre_chain::{CallContext, read_bounded};
use gyre_mcp_wire::server::{self, Call, INTERNAL_ERROR, INVALID_PARAMS, Refusal};
use http::header;
use serde_json::{Map, Value};
use spin_sdk::http::{IntoResponse, Request};

use crate::frozen::{self, Frozen, FrozenError};
use crate::intake::{self, BODY_BYTES_MAX, Head};
use crate::{leaf, outcome};

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    match answer(request).await {
        Ok(reply) => reply,
        Err(refusal) => gyre_mcp_http::refused(&refusal),
    }
}

async fn answer(request: Request) -> Result<Reply, Refusal> {
    let (parts, body) = request.into_parts();
    let context = CallContext::from_headers(&parts.headers);
    intake::check(Head {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        origin: parts
            .headers
            .get(header::ORIGIN)
            .and_then(|value| value.to_str().ok()),
        is_json: reply::is_json(parts.headers.get(header::CONTENT_TYPE)),
    })?;
    let body = read_bounded(body, BODY_BYTES_MAX)
        .await
        .map_err(|error| intake::unread(matches!(error, BodyError::TooLarge { .. })))?;
    let answer = async |id: &Value, call| served(id, call, &context).await;
    Ok(gyre_mcp_http::respond(&parts.headers, &body, answer).await)
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
