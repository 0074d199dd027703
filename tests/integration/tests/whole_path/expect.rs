//! What several themes expect of an answer.

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Event, Finished, Server};
use serde_json::{Value, json};

/// The text of a document that questions are asked about.
pub(crate) const ISOLATION: &str = "# Isolation\n\nGyre isolates each agent in a sandbox of its own.\n\
     A sandbox has only the powers that its manifest grants.\n";

/// Where agents chat.
pub(crate) const CHAT: &str = "/api/v1/agents/researcher/chat";
/// Where models chat.
pub(crate) const COMPLETIONS: &str = "/v1/chat/completions";

/// A string in an answer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("no text at {pointer} of {value}"))
}

/// A list in an answer.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> Result<&'a Vec<Value>> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .with_context(|| format!("no list at {pointer} of {value}"))
}

/// One document.
pub(crate) fn document(source: &str, media_type: &str, text: &str) -> Value {
    json!({"source": source, "media_type": media_type, "text": text})
}

/// Gives the server the document about isolation.
pub(crate) async fn ingest_isolation(server: &Server) -> Result<Value> {
    let documents = [document("isolation.md", "text/markdown", ISOLATION)];
    let (status, answer) = server
        .post("/api/v1/documents", &json!({"documents": documents}))
        .await?;
    ensure!(status == 200, "{status}: {answer}");
    Ok(answer)
}

/// An error of Gyre's own endpoints: problem+json with what failed and the cure.
pub(crate) fn problem(answer: &Value, status: u16, said: &str) -> Result<()> {
    ensure!(answer["status"] == status, "not {status}: {answer}");
    let (detail, hint) = (text(answer, "/detail")?, text(answer, "/hint")?);
    ensure!(
        !detail.is_empty() && !hint.is_empty(),
        "no detail or no cure: {answer}"
    );
    ensure!(
        !text(answer, "/request_id")?.is_empty(),
        "no request id: {answer}"
    );
    ensure!(
        format!("{detail} {hint}").contains(said),
        "nothing about `{said}`: {answer}"
    );
    Ok(())
}

/// An error of the model API.
pub(crate) fn model_error(answer: &Value, said: &str) -> Result<()> {
    let message = text(answer, "/error/message")?;
    ensure!(message.contains(said), "nothing about `{said}`: {answer}");
    ensure!(!text(answer, "/error/type")?.is_empty(), "no type: {answer}");
    Ok(())
}

/// A start that failed: with this exit code, what failed and the cure.
pub(crate) fn refused(finished: &Finished, code: i32, said: &str) -> Result<()> {
    ensure!(finished.code == code, "not {code}: {finished:?}");
    ensure!(
        finished.stderr.contains(said),
        "nothing about `{said}`: {finished:?}"
    );
    ensure!(finished.stderr.contains("hint: "), "no cure: {finished:?}");
    ensure!(
        !finished.stdout.contains("Listening"),
        "it says that it listens: {finished:?}"
    );
    Ok(())
}

/// The server answers a good request of every kind.
pub(crate) async fn alive(server: &Server) -> Result<()> {
    let (status, answer) = server.get("/api/v1/agents").await?;
    ensure!(status == 200, "{status}: {answer}; stderr:\n{}", server.stderr());
    let body = json!({"model": "gyre-extractive", "messages": [{"role": "user", "content": "hello"}]});
    let (status, answer) = server.post(COMPLETIONS, &body).await?;
    ensure!(status == 200, "{status}: {answer}; stderr:\n{}", server.stderr());
    ensure!(
        text(&answer, "/choices/0/message/content")?.contains("none were given"),
        "{answer}"
    );
    Ok(())
}

/// A chat with a model, streamed.
pub(crate) fn prompt(model: &str, content: &str) -> Value {
    json!({"model": model, "stream": true, "temperature": 0, "messages": [{"role": "user", "content": content}]})
}

/// The text of an event of the model API, if it has some.
pub(crate) fn delta(event: &Event) -> Option<String> {
    let chunk = event.json().ok()?;
    let content = chunk.pointer("/choices/0/delta/content")?.as_str()?;
    (!content.is_empty()).then(|| content.to_owned())
}

/// The stream ended as it should.
pub(crate) fn is_done(events: &[Event]) -> bool {
    events.last().is_some_and(|last| last.data == "[DONE]")
}
