//! The boundary: parse, pass on, render. The answer's stream is handed on, so this sandbox ends when the answer begins.

use std::time::Duration;

use bytes::Bytes;
use gyre_chain::relay::Answer;
use gyre_chain::reply;
use gyre_chain::{CallContext, read_bounded};
use gyre_clock::now_ms;
use http::header;
use http::request::Parts;
use spin_sdk::http::{FullBody, IntoResponse, Request};
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use spin_sdk::wasip3::http_compat::IncomingRequestBody;

use crate::bounds::{BODY_BYTES_MAX, REQUEST_TIME_MAX_MS};
use crate::deadline::Deadline;
use crate::refusal::Refusal;
use crate::{headers, mint, request_id, route};

#[spin_sdk::http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    let (parts, body) = request.into_parts();
    let token = mint::mint(now_ms(), random());
    let context = CallContext {
        // A run id is as good a name for a request as any, and finds the run.
        request_id: request_id::from_client(&parts.headers).unwrap_or_else(|| token.run.clone()),
        run: token.encode_unsigned(),
        traceparent: headers::traceparent(&parts.headers),
    };
    match pass(&parts, body, &context).await {
        Ok(answer) => {
            let headers = headers::outward(&answer.headers()?, &context.request_id);
            answer.hand_on(headers)
        }
        Err(refusal) => {
            let mut reply = refusal.reply(parts.uri.path(), &context.request_id);
            *reply.headers_mut() = headers::outward(reply.headers(), &context.request_id);
            reply.into_response()
        }
    }
}

async fn pass(parts: &Parts, body: IncomingRequestBody, context: &CallContext) -> Result<Answer, Refusal> {
    let line = parts.uri.path_and_query().map_or("/", |pq| pq.as_str());
    route::check_line(&parts.method, line)?;
    let target = route::target(parts.uri.path())?;
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    if route::needs_json(&parts.method) && !reply::is_json(content_type) {
        return Err(Refusal::not_json(content_type));
    }
    let mut deadline = Deadline::after(Duration::from_millis(REQUEST_TIME_MAX_MS));
    let body = deadline
        .or(read_bounded(body, BODY_BYTES_MAX))
        .await
        .ok_or(Refusal::TooLate)??;
    let mut request = http::Request::builder()
        .method(parts.method.clone())
        .uri(format!("http://{}.spin.internal{line}", target.service()))
        .body(FullBody::new(Bytes::from(body)))
        .map_err(|_| Refusal::NotFound)?;
    *request.headers_mut() = headers::inward(&parts.headers);
    context.apply(request.headers_mut());
    deadline
        .or(Answer::to(request))
        .await
        .ok_or(Refusal::TooLate)?
        .map_err(|_| Refusal::NoAnswer(target.service()))
}

fn random() -> [u8; 10] {
    let mut bytes = Vec::with_capacity(10);
    while bytes.len() < 10 {
        // The host may give fewer bytes than asked for, but never none.
        bytes.extend(spin_sdk::wasip3::random::random::get_random_bytes(
            10 - bytes.len() as u64,
        ));
    }
    let mut random = [0; 10];
    random.copy_from_slice(&bytes[..10]);
    random
}
