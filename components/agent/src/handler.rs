//! The boundary: parse, run, render events.

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use gyre_agent_loop::{AgentLoop, Task};
use gyre_agent_wire::{Problem, sse};
use gyre_chain::reply;
use gyre_chain::{CallContext, read_bounded, read_json};
use http::{HeaderValue, Method, StatusCode, header};
use http_body::Frame;
use http_body_util::StreamBody;
use serde_json::json;
use spin_sdk::http::{BoxBody, IntoResponse, Request, Response, box_body};

use crate::driver::Driver;
use crate::identity;
use crate::persona::Persona;
use crate::request::{BODY_BYTES_MAX, RunRequest};

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let context = CallContext::from_headers(request.headers());
    match answer(request, &context).await {
        Ok(response) => response,
        Err(problem) => reply::problem(&problem.of_request(&context.request_id)).map(box_body),
    }
}

async fn answer(request: Request, context: &CallContext) -> Result<Response<BoxBody>, Problem> {
    let (parts, body) = request.into_parts();
    match (parts.method, parts.uri.path()) {
        (Method::GET, "/persona") => Ok(told(&identity::own()?)),
        (Method::POST, "/persona/check") => {
            let body = read_bounded(body, BODY_BYTES_MAX)
                .await
                .map_err(|e| reply::body_problem(&e))?;
            let persona = Persona::parse(&body)?;
            identity::tools(&persona)?;
            Ok(told(&persona))
        }
        (Method::POST, "/run") => {
            let body = read_json(&parts.headers, body, BODY_BYTES_MAX).await?;
            run(RunRequest::parse(&body)?, context).await
        }
        (_, path) => Err(Problem::new(
            404,
            "not-found",
            format!("an agent has no {path} for this method"),
            "use POST /run, POST /persona/check or GET /persona",
        )),
    }
}

/// What the roster shows of an agent.
fn told(persona: &Persona) -> Response<BoxBody> {
    let Persona {
        id,
        description,
        knowledge,
        memory,
        tools,
        ..
    } = persona;
    let told = json!({
        "id": id, "description": description, "knowledge": knowledge, "memory": memory, "tools": tools,
    });
    reply::json(StatusCode::OK, &told).map(box_body)
}

async fn run(request: RunRequest, context: &CallContext) -> Result<Response<BoxBody>, Problem> {
    let persona = identity::of_call(request.persona.as_deref()).await?;
    if request.session.is_some() && !persona.memory {
        return Err(Problem::new(
            422,
            "no-memory",
            format!("the agent `{}` takes part in no sessions", persona.id),
            "leave `session` out, or set `memory` in its persona",
        ));
    }
    let tools = identity::tools(&persona)?;
    let history = request.history();
    let model = match request.model {
        Some(model) => model,
        None => chat_model().await?,
    };
    // A run without a token is one that a person started by hand, in development.
    let run_id = context
        .run_token()
        .map_or_else(|| context.request_id.clone(), |token| token.run);
    let task = Task {
        run_id,
        input: request.input,
        session: request.session,
        history,
    };
    let time = Duration::from_millis(u64::from(persona.tool_timeout_ms));
    let agent = AgentLoop::new(persona.config(model, tools), task);
    let driver = Driver::new(agent, context.clone(), time);
    let frames = stream::unfold((driver, 0_u64), |(mut driver, id)| async move {
        let event = driver.next().await?;
        let frame = Frame::data(Bytes::from(sse::render(id, &event)));
        Some((Ok::<_, std::convert::Infallible>(frame), (driver, id + 1)))
    });
    let mut response = Response::new(box_body(StreamBody::new(frames)));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(sse::MEDIA_TYPE));
    Ok(response)
}

async fn chat_model() -> Result<String, Problem> {
    spin_sdk::variables::get("chat_model").await.map_err(|_| {
        Problem::new(
            500,
            "not-configured",
            "this agent has no model named",
            "set chat_model under this component's variables in spin.toml, or send `model`",
        )
    })
}
