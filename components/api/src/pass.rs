//! Requests that another service answers: passed on, and the answer passed back as it comes.

use gyre_agent_wire::{Problem, problem};
use gyre_chain::reply::JSON;
use gyre_chain::send::Call;
use gyre_chain::{CallContext, Query};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use spin_sdk::http::{BoxBody, Response, box_body};

use crate::route::Pass;

/// Asks the service.
pub(crate) async fn pass(
    parts: &Parts,
    pass: Pass,
    json: Option<Vec<u8>>,
    context: &CallContext,
) -> Result<Response<BoxBody>, Problem> {
    let mut path = pass.path;
    // Whether the numbers are within their bounds, the service says.
    Query::parse(parts.uri.query(), pass.numbers)?;
    if let Some(query) = parts.uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let call = Call {
        service: pass.service,
        path: &path,
        json,
        headers: &[],
    };
    let answer = call
        .send_as(parts.method.clone(), context)
        .await
        .map_err(|error| {
            Problem::new(
                502,
                &format!("{}-unavailable", pass.service),
                error.to_string(),
                "see the log of `gyre up`",
            )
        })?;
    let status = answer.status();
    let mut response = Response::new(box_body(answer.into_body()));
    *response.status_mut() = status;
    if status != StatusCode::NO_CONTENT {
        let media_type = if status.is_success() {
            JSON
        } else {
            problem::MEDIA_TYPE
        };
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    Ok(response)
}
