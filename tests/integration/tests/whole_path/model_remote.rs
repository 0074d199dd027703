//! model-remote over a server that the test makes: what it answers well arrives, what it does badly is told.

use crate::expect::{COMPLETIONS, alive, delta, is_done, list, model_error, prompt, text};
use crate::fake_upstream::{KEY, MODEL, Upstream};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::{Value, json};

fn pointed_at(url: &str) -> Result<Setup> {
    let setup = Setup::new()?.variable("remote_model_url", url);
    Ok(setup.variable("remote_model_key", KEY))
}

/// An application that waits less than half a minute for its model server.
fn impatient(url: &str) -> Result<Setup> {
    let key = "upstream_key = \"{{ remote_model_key }}\"";
    let waits = "upstream_timeout_ms = \"1000\"\nupstream_idle_ms = \"1000\"";
    pointed_at(url)?.replace(key, &format!("{key}\n{waits}"))
}

/// An order to the server, not streamed to us: the whole answer or one error.
fn order(what: &str) -> Value {
    let mut body = prompt(MODEL, what);
    body["stream"] = json!(false);
    body
}

/// The key is nowhere but in what the model server was sent.
fn key_is_kept(server: &Server, answers: &[String], upstream: &Upstream) -> Result<()> {
    for answer in answers {
        ensure!(!answer.contains(KEY), "the key is in {answer}");
    }
    ensure!(!server.stderr().contains(KEY), "the key is in the log");
    let bearer = format!("authorization: bearer {KEY}");
    for asked in upstream.asked() {
        ensure!(
            asked.to_ascii_lowercase().contains(&bearer),
            "asked without the key: {asked}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn text_and_tool_calls_stream_through() -> Result<()> {
    let upstream = Upstream::start().await?;
    let server = pointed_at(&upstream.url)?.start().await?;
    let (_, models) = server.get("/v1/models").await?;
    let listed = list(&models, "/data")?.iter().find(|model| model["id"] == MODEL);
    ensure!(
        listed.is_some_and(|model| model["owned_by"] == "model-remote"),
        "{models}"
    );

    let events = server
        .stream(COMPLETIONS, &prompt(MODEL, "say"))
        .await?
        .rest()
        .await?;
    ensure!(is_done(&events), "no end: {events:?}");
    let said: Vec<_> = events.iter().filter_map(delta).collect();
    ensure!(said == ["Hello", " world"], "{said:?}");
    let (status, answer) = server.post(COMPLETIONS, &order("say")).await?;
    ensure!(status == 200 && answer["model"] == MODEL, "{status}: {answer}");
    ensure!(
        answer["usage"]["prompt_tokens"] == 3 && answer["usage"]["completion_tokens"] == 2,
        "{answer}"
    );
    ensure!(
        answer["usage"]["prompt_tokens_details"]["cached_tokens"] == 1,
        "{answer}"
    );

    let mut body = order("call");
    body["tools"] =
        json!([{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]);
    for (name, value) in [
        ("tool_choice", json!("required")),
        ("response_format", json!({"type": "json_object"})),
        ("stop", json!(["###"])),
        ("seed", json!(7)),
        ("top_p", json!(0.5)),
        ("min_p", json!(0.25)),
        ("frequency_penalty", json!(0.5)),
        ("logit_bias", json!({"17": -100})),
        ("max_tokens", json!(9)),
    ] {
        body[name] = value;
    }
    let (_, answer) = server.post(COMPLETIONS, &body).await?;
    let call = &answer["choices"][0]["message"]["tool_calls"][0];
    ensure!(
        call["function"] == json!({"name": "add", "arguments": "{\"a\":1}"}),
        "{answer}"
    );
    ensure!(answer["choices"][0]["finish_reason"] == "tool_calls", "{answer}");
    let asked = upstream.asked().pop().context("not asked")?;
    for part in [
        r#""tool_choice":"required""#,
        r#""response_format":{"type":"json_object"}"#,
        r####""stop":["###"]"####,
        r#""seed":7"#,
        r#""top_p":0.5"#,
        r#""min_p":0.25"#,
        r#""frequency_penalty":0.5"#,
        r#""logit_bias":{"17":-100.0}"#,
        r#""max_tokens":9"#,
        r#""stream":true"#,
        r#""include_usage":true"#,
    ] {
        ensure!(asked.contains(part), "{part} is not in {asked}");
    }
    key_is_kept(&server, &[answer.to_string(), models.to_string()], &upstream)
}

#[tokio::test]
async fn what_openai_s_api_does_not_have_is_refused_or_stays_here() -> Result<()> {
    let upstream = Upstream::start().await?;
    let server = pointed_at(&upstream.url)?.start().await?;
    for (name, value, said) in [
        ("adapter", json!("poet"), "`adapter`"),
        (
            "budget",
            json!({"cost_micros_max": 1}),
            "`budget.cost_micros_max`",
        ),
        ("budget", json!({"time_ms_max": 1}), "`budget.time_ms_max`"),
    ] {
        let mut body = order("say");
        body[name] = value;
        let (status, answer) = server.post(COMPLETIONS, &body).await?;
        ensure!(
            status == 400 && answer["error"]["code"] == "unsupported",
            "{status}: {answer}"
        );
        model_error(&answer, said)?;
        model_error(&answer, "upstream_dialect")?;
    }
    let chats = |upstream: &Upstream| {
        let asked = upstream.asked();
        asked
            .into_iter()
            .filter(|it| it.starts_with("POST "))
            .collect::<Vec<_>>()
    };
    ensure!(chats(&upstream).is_empty(), "{:?}", chats(&upstream));
    let mut body = order("say");
    body["service_tier"] = json!("flex");
    let (status, answer) = server.post(COMPLETIONS, &body).await?;
    ensure!(status == 200, "{status}: {answer}");
    for asked in chats(&upstream) {
        // The tenant of the run is nobody's business there, and another urgency would have another price.
        let kept = ["tenant", "service_tier", "budget", "gyre-run"];
        ensure!(kept.iter().all(|name| !asked.contains(name)), "{asked}");
    }
    Ok(())
}

#[tokio::test]
async fn every_refusal_has_its_type_and_the_key_is_kept() -> Result<()> {
    let upstream = Upstream::start().await?;
    let server = pointed_at(&upstream.url)?.start().await?;
    let mut answers = Vec::new();
    for (what, wanted, said) in [
        ("302 Found", 500, "not followed"),
        ("400 Bad Request", 400, "refused the request"),
        ("401 Unauthorized", 500, "upstream_key"),
        ("403 Forbidden", 500, "upstream_key"),
        ("404 Not Found", 404, "no such model"),
        ("429 Too Many Requests", 429, "retry-after"),
        ("500 Internal Server Error", 500, "the model server failed"),
        ("502 Bad Gateway", 503, "the model server failed"),
    ] {
        let (status, answer) = server.post(COMPLETIONS, &order(what)).await?;
        ensure!(status == wanted, "{what}: {status}: {answer}");
        model_error(&answer, said)?;
        answers.push(answer.to_string());
    }
    let limited = server
        .http()
        .post(server.url(COMPLETIONS))
        .json(&order("429 Too Many Requests"));
    let limited = limited.send().await?;
    ensure!(
        limited.headers().get("retry-after").is_some_and(|it| it == "7"),
        "{limited:?}"
    );
    key_is_kept(&server, &answers, &upstream)?;
    alive(&server).await
}

#[tokio::test]
async fn every_lie_is_a_typed_error_and_no_answer() -> Result<()> {
    let upstream = Upstream::start().await?;
    let server = pointed_at(&upstream.url)?.start().await?;
    for (what, said) in [
        ("html", "content-type `text/html`"),
        ("junk", "no chunk of a completion"),
        ("shape", "no chunk of a completion"),
        ("no done", "without [DONE]"),
        ("no finish", "without saying why"),
        ("no usage", "without its usage"),
        ("order", "out of order"),
        ("endless", "larger than"),
        ("cut", "cut"),
        ("fail", "it broke"),
    ] {
        let (status, answer) = server.post(COMPLETIONS, &order(what)).await?;
        ensure!(status == 500, "{what}: {status}: {answer}");
        model_error(&answer, said).context(what)?;
        ensure!(
            text(&answer, "/error/message")?.contains("hint: "),
            "no cure: {answer}"
        );
    }
    for (what, said) in [
        ("count", "2 embeddings for 1"),
        ("zero", "no direction"),
        ("x", "embeddings"),
    ] {
        let (status, answer) = server
            .post("/v1/embeddings", &json!({"model": MODEL, "input": [what]}))
            .await?;
        ensure!(status == 500, "{what}: {status}: {answer}");
        model_error(&answer, said)?;
    }
    for form in ["base64", "float"] {
        let (_, made) = server
            .post("/v1/embeddings", &json!({"model": MODEL, "input": [form]}))
            .await?;
        let first = made["data"][0]["embedding"][0].as_f64().context("no vector")?;
        ensure!((first - 0.6).abs() < 1e-6, "{form} is not of unit length: {made}");
    }
    alive(&server).await
}

#[tokio::test]
async fn a_server_that_stalls_is_told_in_its_time() -> Result<()> {
    let upstream = Upstream::start().await?;
    let server = impatient(&upstream.url)?.start().await?;
    for (what, said) in [
        ("silent", "`upstream_timeout_ms`"),
        ("stall", "`upstream_idle_ms`"),
    ] {
        let (status, answer) = server.post(COMPLETIONS, &order(what)).await?;
        ensure!(status == 503, "{what}: {status}: {answer}");
        model_error(&answer, said)?;
        upstream.is_left().await?;
    }
    // In a stream that has begun: an error at its end, and no [DONE].
    let events = server
        .stream(COMPLETIONS, &prompt(MODEL, "stall"))
        .await?
        .rest()
        .await?;
    ensure!(
        events
            .iter()
            .any(|event| delta(event).as_deref() == Some("Hello")),
        "{events:?}"
    );
    ensure!(!is_done(&events), "a failure looks like a normal end");
    model_error(&events.last().context("nothing")?.json()?, "`upstream_idle_ms`")?;
    alive(&server).await
}

#[tokio::test]
async fn hanging_up_closes_the_connection_to_the_server() -> Result<()> {
    let upstream = Upstream::start().await?;
    let server = pointed_at(&upstream.url)?.start().await?;
    let mut events = server.stream(COMPLETIONS, &prompt(MODEL, "stall")).await?;
    while events.next().await?.and_then(|event| delta(&event)).as_deref() != Some("Hello") {}
    drop(events);
    upstream.is_left().await?;
    alive(&server).await
}

#[tokio::test]
async fn a_server_that_is_not_there_makes_no_other_model_unusable() -> Result<()> {
    // A port that was free a moment ago.
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let server = pointed_at(&format!("http://{address}"))?.start().await?;
    let (status, models) = server.get("/v1/models").await?;
    ensure!(
        status == 200 && models.to_string().contains("gyre-extractive"),
        "{models}"
    );
    let (status, answer) = server.post(COMPLETIONS, &order("say")).await?;
    ensure!(status == 503, "{status}: {answer}");
    model_error(&answer, "model-remote")?;
    alive(&server).await
}

#[tokio::test]
async fn a_server_that_does_not_list_its_models_counts_as_silent() -> Result<()> {
    let upstream = Upstream::start().await?;
    // The server answers nothing at this path.
    let setup = pointed_at(&upstream.url)?.variable("remote_model_path", "/elsewhere");
    let server = setup.start().await?;
    let (status, models) = server.get("/v1/models").await?;
    ensure!(
        status == 200 && models.to_string().contains("gyre-extractive"),
        "{models}"
    );
    upstream.is_left().await?;
    ensure!(
        upstream.asked()[0].starts_with("GET /elsewhere/models "),
        "{:?}",
        upstream.asked()
    );
    alive(&server).await
}

#[tokio::test]
async fn an_address_with_a_path_is_refused_at_the_start_by_name() -> Result<()> {
    let started = pointed_at("http://127.0.0.1:1/v1")?.start().await;
    let error = started.err().context("it started")?.to_string();
    ensure!(
        error.contains("allowed_outbound_hosts") && error.contains("hint: "),
        "{error}"
    );
    Ok(())
}
