//! An agent: its persona and the question go to a model, the model's answer comes back.

mod model;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use spin_sdk::http::{IntoResponse, Request, Response};

/// Who the agent is.
const PERSONA: &str = include_str!("../persona.md");
const QUESTION_BYTES_MAX: usize = 64 * 1024;

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let body = Limited::new(request.into_body(), QUESTION_BYTES_MAX).collect().await;
    let Ok(body) = body.map(|body| body.to_bytes()) else {
        return text(413, "-", format!("send a question of at most {QUESTION_BYTES_MAX} bytes"));
    };
    let question = String::from_utf8_lossy(&body);
    if question.trim().is_empty() {
        return text(400, "-", "send a question as the body".to_owned());
    }
    match model::answer(PERSONA, &question) {
        Ok(answer) => text(200, &answer.model, answer.text),
        Err(problem) => text(503, "-", problem),
    }
}

fn text(status: u16, model: &str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text + "\n")));
    *response.status_mut() = status.try_into().expect("a status");
    // The name of a model has harmless characters only.
    if let Ok(model) = model.parse() {
        response.headers_mut().insert("x-model", model);
    }
    response
}
