//! Two services and a leaf, streaming: the double says when each token is made.

use crate::doubles::with_double;
use crate::expect::{CHAT, COMPLETIONS, alive, delta, ingest_isolation, is_done, model_error, prompt, text};
use anyhow::{Context, Result, ensure};
use serde_json::json;

#[tokio::test]
async fn each_token_reaches_the_client_before_the_next_is_made() -> Result<()> {
    let server = with_double()?.start().await?;
    let body = prompt("double", "double: 6 tokens 200 ms");
    let events = server.stream(COMPLETIONS, &body).await?.rest().await?;
    ensure!(is_done(&events), "{events:?}");
    let tokens: Vec<_> = events
        .iter()
        .filter(|event| delta(event).is_some_and(|it| it.contains("token-")))
        .collect();
    ensure!(tokens.len() == 6, "not one by one: {events:?}");
    // Five pauses of 200 ms lie between them; had they come together, next to nothing would.
    let (first, last) = (tokens[0].at, tokens[5].at);
    ensure!(
        (last - first).as_millis() > 500,
        "they came together: {:?}",
        last - first
    );
    Ok(())
}

#[tokio::test]
async fn an_agent_streams_what_its_model_streams() -> Result<()> {
    let server = with_double()?.start().await?;
    ingest_isolation(&server).await?;
    let body = json!({"input": "double: 6 tokens 200 ms", "model": "double", "stream": true});
    let events = server.stream(CHAT, &body).await?.rest().await?;
    let deltas: Vec<_> = events.iter().filter(|event| event.name == "text.delta").collect();
    let said: String = deltas
        .iter()
        .map(|event| Ok(text(&event.json()?, "/text")?.to_owned()))
        .collect::<Result<_>>()?;
    ensure!(
        said.contains("I am a double") && said.contains("token-6"),
        "{said}"
    );
    let (first, last) = deltas.first().zip(deltas.last()).context("no text")?;
    ensure!(
        (last.at - first.at).as_millis() > 500,
        "they came together: {:?}",
        last.at - first.at
    );
    let end = events.last().context("no events")?;
    ensure!(end.name == "done" && end.json()?["model"] == "double", "{end:?}");
    Ok(())
}

#[tokio::test]
async fn a_failure_in_mid_stream_never_looks_like_an_end() -> Result<()> {
    let server = with_double()?.start().await?;
    let order = "double: fail after 2 tokens";
    let events = server
        .stream(COMPLETIONS, &prompt("double", order))
        .await?
        .rest()
        .await?;
    ensure!(
        events.iter().filter_map(delta).any(|it| it.contains("token-2")),
        "{events:?}"
    );
    ensure!(events.iter().all(|event| event.data != "[DONE]"), "{events:?}");
    model_error(&events.last().context("no events")?.json()?, "")?;
    let finished = |event: &gyre_test_support::Event| {
        Some(event.json().ok()?["choices"][0]["finish_reason"].is_string())
    };
    ensure!(!events.iter().filter_map(finished).any(|it| it), "{events:?}");

    let body = json!({"input": order, "model": "double", "stream": true});
    let events = server.stream(CHAT, &body).await?.rest().await?;
    let end = events.last().context("no events")?;
    ensure!(
        end.name == "error" && events.iter().all(|event| event.name != "done"),
        "{events:?}"
    );
    let error = end.json()?;
    ensure!(
        !text(&error, "/message")?.is_empty() && !text(&error, "/hint")?.is_empty(),
        "{error}"
    );

    let (status, answer) = server
        .post(CHAT, &json!({"input": order, "model": "double"}))
        .await?;
    ensure!(
        status >= 500 && !text(&answer, "/hint")?.is_empty(),
        "{status}: {answer}"
    );
    alive(&server).await
}

#[tokio::test]
async fn a_client_that_hangs_up_disturbs_nobody() -> Result<()> {
    let server = with_double()?.start().await?;
    let mut leaving = Vec::new();
    for _ in 0..8 {
        let mut events = server
            .stream(COMPLETIONS, &prompt("double", "double: 500 tokens 50 ms"))
            .await?;
        ensure!(events.next().await?.is_some(), "no event");
        leaving.push(events);
    }
    let mut staying = server
        .stream(COMPLETIONS, &prompt("double", "double: 4 tokens 100 ms"))
        .await?;
    ensure!(staying.next().await?.is_some(), "no event");
    drop(leaving);
    alive(&server).await?;
    let rest = staying.rest().await?;
    ensure!(is_done(&rest), "{rest:?}");
    Ok(())
}

#[tokio::test]
async fn overload_is_a_fast_refusal_that_says_when_to_come_back() -> Result<()> {
    let server = with_double()?.start().await?;
    let request = server
        .http()
        .post(server.url(COMPLETIONS))
        .json(&prompt("double", "double: overloaded"));
    let answer = request.send().await?;
    ensure!(answer.status() == 429, "{}", answer.status());
    ensure!(
        answer.headers().contains_key("retry-after"),
        "{:?}",
        answer.headers()
    );
    alive(&server).await
}
