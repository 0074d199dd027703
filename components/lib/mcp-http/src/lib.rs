//! A service's route `POST /mcp`: HTTP around `gyre-mcp-wire`, which knows the JSON.

mod tool;

use gyre_agent_wire::Problem;
use gyre_chain::read_bounded;
use gyre_chain::reply::{self, JSON, Reply};
use gyre_mcp_wire::server::{self, Call, Headers, Message, Refusal};
use gyre_mcp_wire::{METHOD_HEADER, NAME_HEADER, VERSION_HEADER};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Body;
use serde_json::Value;

pub use tool::{answer, arguments, told};

/// Serves one request: `answer` gets the request's id and what it wants, and gives the body of the answer.
pub async fn serve<B: Body>(
    headers: &HeaderMap,
    body: B,
    limit_bytes: usize,
    answer: impl AsyncFnOnce(&Value, Call) -> Result<Vec<u8>, Refusal>,
) -> Result<Reply, Problem> {
    let body = read_bounded(body, limit_bytes)
        .await
        .map_err(|error| reply::body_problem(&error))?;
    Ok(respond(headers, &body, answer).await)
}

/// The same for a body that has been read.
pub async fn respond(
    headers: &HeaderMap,
    body: &[u8],
    answer: impl AsyncFnOnce(&Value, Call) -> Result<Vec<u8>, Refusal>,
) -> Reply {
    let answered = match server::parse(mcp_headers(headers), body) {
        Ok(Message::Notification) => return reply::bytes(StatusCode::ACCEPTED, JSON, Vec::new()),
        Ok(Message::Request { id, call }) => answer(&id, call).await,
        Err(refusal) => Err(refusal),
    };
    answered.map_or_else(
        |refusal| refused(&refusal),
        |body| reply::bytes(StatusCode::OK, JSON, body),
    )
}

/// A refusal, with its status.
#[must_use]
pub fn refused(refusal: &Refusal) -> Reply {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut reply = reply::bytes(status, JSON, refusal.to_json());
    if status == StatusCode::METHOD_NOT_ALLOWED {
        reply
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    reply
}

fn mcp_headers(headers: &HeaderMap) -> Headers<'_> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Headers {
        accept: text("accept"),
        version: text(VERSION_HEADER),
        method: text(METHOD_HEADER),
        name: text(NAME_HEADER),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::executor::block_on;
    use gyre_mcp_wire::client::parse_result;
    use gyre_mcp_wire::{CallRequest, ToolResult};
    use http::HeaderName;
    use http_body_util::{BodyExt as _, Full};
    use serde_json::json;

    use super::*;

    const LIMIT_BYTES: usize = 4096;

    fn headers(request: &CallRequest) -> HeaderMap {
        let pairs = request.headers().map(|(name, value)| {
            let value = HeaderValue::from_str(&value).expect("a header");
            (HeaderName::from_static(name), value)
        });
        pairs.into_iter().collect()
    }

    /// Sends to a tool that repeats its arguments.
    fn send(headers: &HeaderMap, body: Vec<u8>) -> Result<(u16, Vec<u8>), Problem> {
        let echo = async |id: &Value, call: Call| match call {
            Call::CallTool { arguments, .. } => {
                Ok(server::called(id, &ToolResult::structured(json!(arguments))))
            }
            _ => Err(Refusal::new(404, id, server::METHOD_NOT_FOUND, "no")),
        };
        let body = Full::new(Bytes::from(body));
        block_on(async {
            let reply = serve(headers, body, LIMIT_BYTES, echo).await?;
            let status = reply.status().as_u16();
            let body = reply.into_body().collect().await.expect("a body");
            Ok((status, body.to_bytes().to_vec()))
        })
    }

    #[test]
    fn a_call_is_answered() {
        let request = CallRequest::new("t", json!({ "a": 1 }));
        let (status, body) = send(&headers(&request), request.to_json()).expect("an answer");
        let result = parse_result(status, &body).expect("a result");
        assert_eq!(result.structured, Some(json!({ "a": 1 })));
    }

    #[test]
    fn a_refused_method_is_told_which_is_right() {
        let refusal = server::check_method("GET").expect_err("refused");
        let reply = refused(&refusal);
        assert_eq!(reply.status(), 405);
        assert_eq!(reply.headers()[header::ALLOW], "POST");
    }

    #[test]
    fn what_is_no_call_is_refused_with_its_status() {
        let request = CallRequest::new("t", json!({}));
        let all = headers(&request);
        let mut without_version = all.clone();
        without_version.remove(VERSION_HEADER);
        let notification = br#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#.to_vec();
        for (headers, body, expected) in [
            (&all, b"{".to_vec(), 400),
            (&without_version, request.to_json(), 400),
            (&HeaderMap::new(), request.to_json(), 406),
            (&all, notification, 202),
        ] {
            let (status, _) = send(headers, body.clone()).expect("an answer");
            assert_eq!(status, expected, "{}", String::from_utf8_lossy(&body));
        }
        let problem = send(&all, vec![b' '; LIMIT_BYTES + 1]).expect_err("too large");
        assert_eq!(problem.status, 413);
    }
}
