//! The three paths: parse, call the port, render.

use crate::bindings::gyre::inference::types::{Completion, Delta, EmbedRequest};
use crate::bindings::gyre::inference::{chat, embedding, models};
use crate::caller::Caller;
use crate::translate::{self, ToolCalls};
use crate::{body, intake};
use bytes::Bytes;
use gyre_chat_wire as wire;
use gyre_chat_wire::{ApiError, ChunkWriter, Endpoint};
use spin_sdk::http::{BoxBody, FullBody, HeaderMap, Request, Response, box_body};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

type Answer = Result<Response<BoxBody>, ApiError>;

/// Answers one request.
pub(crate) async fn handle(request: Request) -> Response<BoxBody> {
    route(request).await.unwrap_or_else(|error| refusal(&error))
}

async fn route(request: Request) -> Answer {
    match Endpoint::of(request.method().as_str(), request.uri().path())? {
        Endpoint::Chat => chat_completions(request).await,
        Endpoint::Embeddings => embeddings(request).await,
        Endpoint::Models => model_list().await,
    }
}

async fn chat_completions(request: Request) -> Answer {
    let caller = Caller::of(request.headers())?;
    let id = completion_id(request.headers());
    let mut parsed = wire::parse_chat(&intake::json_body(request).await?)?;
    caller.vouch(&mut parsed)?;
    let (stream, include_usage) = (parsed.stream, parsed.include_usage);
    let completion = chat::complete(translate::request(parsed))
        .await
        .map_err(translate::error)?;
    if stream {
        let writer = ChunkWriter::new(id, now_s(), completion.model.clone(), include_usage);
        return Ok(respond(
            200,
            "text/event-stream",
            body::events(completion, writer),
        ));
    }
    Ok(json(200, &collect(completion, id).await?.to_json()))
}

async fn collect(mut completion: Completion, id: String) -> Result<wire::Completion, ApiError> {
    let mut content = String::new();
    let mut tool_calls = ToolCalls::default();
    let mut logprobs = Vec::new();
    while let Some(delta) = completion.deltas.next().await {
        match delta {
            Delta::Text(text) => content.push_str(&text),
            Delta::ToolCall(part) => tool_calls.push(translate::tool_call_part(part))?,
            Delta::Logprobs(more) => logprobs.extend(translate::logprobs(more)),
        }
    }
    let outcome = completion.outcome.await.map_err(translate::error)?;
    let finish_reason = translate::finish_reason(outcome.finish_reason);
    Ok(wire::Completion {
        id,
        created: now_s(),
        model: completion.model,
        choice: wire::Choice {
            content,
            tool_calls: tool_calls.finish(),
            logprobs,
            finish_reason,
        },
        usage: translate::usage(outcome.usage),
    })
}

async fn embeddings(request: Request) -> Answer {
    let wire::EmbeddingRequest {
        model,
        texts,
        encoding,
    } = wire::parse_embedding(&intake::json_body(request).await?)?;
    let made = embedding::embed(EmbedRequest { model, texts })
        .await
        .map_err(translate::error)?;
    let made = wire::Embeddings {
        model: made.model,
        vectors: made.vectors,
        prompt_tokens: made.prompt_tokens,
    };
    Ok(json(200, &wire::render_embeddings(&made, encoding)))
}

async fn model_list() -> Answer {
    let listed = models::list().await.map_err(translate::error)?;
    let entries: Vec<_> = listed.into_iter().map(translate::model).collect();
    Ok(json(200, &wire::render_models(&entries)))
}

fn refusal(error: &ApiError) -> Response<BoxBody> {
    let mut response = json(error.status, &error.to_json());
    if let Some(seconds) = error.retry_after_s() {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    response
}

fn json(status: u16, value: &serde_json::Value) -> Response<BoxBody> {
    respond(
        status,
        "application/json",
        box_body(FullBody::new(Bytes::from(value.to_string()))),
    )
}

fn respond(status: u16, content_type: &'static str, body: BoxBody) -> Response<BoxBody> {
    let mut response = Response::new(body);
    // Every status here is one of ours, so it is a valid one.
    *response.status_mut() = spin_sdk::http::StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(
        "content-type",
        spin_sdk::http::HeaderValue::from_static(content_type),
    );
    headers.insert(
        "cache-control",
        spin_sdk::http::HeaderValue::from_static("no-store"),
    );
    response
}

/// `chatcmpl-` and the request's id, so that an answer can be found in logs; a random number where there is none.
fn completion_id(headers: &HeaderMap) -> String {
    let given = headers.get("x-request-id").and_then(|value| value.to_str().ok());
    match given.filter(|id| !id.is_empty() && id.len() <= 128) {
        Some(id) => format!("chatcmpl-{id}"),
        None => format!("chatcmpl-{:016x}", RandomState::new().build_hasher().finish()),
    }
}

fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |it| it.as_secs())
}
