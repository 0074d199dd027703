//! How a completion is served and what it may spend, from OpenAI's JSON to the engine and back: adapters, tenants,
//! urgencies, budgets. A tiny llama of random weights is real to all of them.

use crate::doubles::with_double;
use crate::expect::{COMPLETIONS, is_done, model_error, text};
use crate::model_server::application;
use crate::token_path::{ask, granted};
use anyhow::{Context, Result, ensure};
use gyre_agent_wire::RunToken;
use gyre_test_support::{Event, Server};
use serde_json::{Value, json};

/// Long enough to be worth keeping.
const QUESTION: &str = "tell me of a beginning that is long enough to be worth keeping";

/// `gyre serve-model` with a model that has a price and an adapter.
async fn priced() -> Result<Server> {
    let setup = granted("tiny-llama")?
        .serve_model()
        .option("--price", "tiny-llama=1000000:2000000");
    gyre_gguf::tiny::random_llama(7, &setup.model("tiny-llama"))?;
    gyre_gguf::tiny::random_lora(11, "llama", &setup.model("tiny-llama.poet.lora"))?;
    setup.start().await
}

fn question(more: &Value) -> Result<Value> {
    let mut body = ask(QUESTION, 40);
    body["stream"] = json!(false);
    for (name, value) in more.as_object().context("an object")? {
        body[name] = value.clone();
    }
    Ok(body)
}

async fn whole(server: &Server, more: Value) -> Result<(u16, Value)> {
    server.post(COMPLETIONS, &question(&more)?).await
}

fn cached(answer: &Value) -> Result<u64> {
    let tokens = answer.pointer("/usage/prompt_tokens_details/cached_tokens");
    let tokens = tokens.and_then(Value::as_u64);
    tokens.with_context(|| format!("no cached tokens in {answer}"))
}

/// The answer to a question in a run of this tenant.
async fn in_run(server: &Server, tenant: &str, more: Value) -> Result<(u16, Value)> {
    let token = RunToken {
        tenant: tenant.to_owned(),
        run: "r".to_owned(),
        deadline_ms: 4_102_444_800_000,
    };
    let request = server.http().post(server.url(COMPLETIONS));
    let request = request.header("gyre-run", token.encode_unsigned());
    let answer = request.json(&question(&more)?).send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

#[tokio::test]
async fn what_was_read_once_is_cached_for_its_tenant_alone() -> Result<()> {
    let server = priced().await?;
    let mut told = Vec::new();
    for tenant in ["acme", "acme", "other"] {
        let (status, answer) = whole(&server, json!({ "tenant": tenant })).await?;
        ensure!(status == 200, "{status}: {answer}");
        told.push((
            cached(&answer)?,
            answer["choices"][0]["message"]["content"].clone(),
        ));
    }
    let tokens: Vec<_> = told.iter().map(|(tokens, _)| *tokens).collect();
    ensure!(tokens[0] == 0 && tokens[1] > 0 && tokens[2] == 0, "{tokens:?}");
    ensure!(told.iter().all(|(_, text)| *text == told[0].1), "{told:?}");

    // In a run its token names the tenant, and nothing else does.
    let (_, answer) = in_run(&server, "acme", json!({})).await?;
    ensure!(cached(&answer)? == tokens[1], "the same tenant: {answer}");
    let (_, answer) = in_run(&server, "third", json!({})).await?;
    ensure!(cached(&answer)? == 0, "another tenant: {answer}");
    let (status, answer) = in_run(&server, "fourth", json!({ "tenant": "acme" })).await?;
    ensure!(
        status == 403 && answer["error"]["param"] == "tenant",
        "{status}: {answer}"
    );

    // A stream tells it with its usage.
    let mut body = ask(QUESTION, 2);
    body["tenant"] = json!("acme");
    body["stream_options"] = json!({ "include_usage": true });
    let events = server.stream(COMPLETIONS, &body).await?.rest().await?;
    ensure!(is_done(&events), "no end: {:?}", events.last());
    ensure!(cached(&last_chunk(&events)?)? == tokens[1], "{events:?}");
    Ok(())
}

/// The chunk before `[DONE]`.
fn last_chunk(events: &[Event]) -> Result<Value> {
    let before = events.len().checked_sub(2).context("no chunks")?;
    events[before].json()
}

#[tokio::test]
async fn an_adapter_is_asked_for_by_name() -> Result<()> {
    let server = priced().await?;
    let mut said = Vec::new();
    for more in [
        json!({}),
        json!({ "adapter": "poet" }),
        json!({ "service_tier": "flex" }),
    ] {
        let (status, answer) = whole(&server, more).await?;
        ensure!(
            status == 200 && answer["model"] == "tiny-llama",
            "{status}: {answer}"
        );
        said.push(text(&answer, "/choices/0/message/content")?.to_owned());
    }
    ensure!(said[0] == said[2] && said[0] != said[1], "{said:?}");
    for stream in [false, true] {
        let (status, answer) = whole(&server, json!({ "adapter": "bard", "stream": stream })).await?;
        let error = &answer["error"];
        ensure!(
            status == 404 && error["code"] == "adapter_not_found",
            "{status}: {answer}"
        );
        ensure!(error["param"] == "adapter", "{answer}");
        model_error(&answer, "`bard`")?;
        model_error(&answer, "poet")?;
    }
    let (status, answer) = whole(&server, json!({ "service_tier": "soon" })).await?;
    ensure!(
        status == 400 && answer["error"]["param"] == "service_tier",
        "{status}: {answer}"
    );
    Ok(())
}

#[tokio::test]
async fn a_budget_ends_a_completion_or_refuses_it() -> Result<()> {
    let server = priced().await?;
    let (_, answer) = whole(&server, json!({})).await?;
    let prompt = answer["usage"]["prompt_tokens"].as_u64().context("no usage")?;
    // A millionth for a token that is read, two for one that is written.
    for (budget, exhausted) in [
        (
            json!({ "cost_micros_max": prompt + 2 * 4 + 1 }),
            json!("cost_micros_max"),
        ),
        (json!({ "total_tokens": prompt + 4 }), Value::Null),
    ] {
        let (status, answer) = whole(&server, json!({ "budget": budget })).await?;
        let choice = &answer["choices"][0];
        ensure!(
            status == 200 && choice["finish_reason"] == "length",
            "{status}: {answer}"
        );
        ensure!(choice["budget_exhausted"] == exhausted, "{answer}");
        ensure!(answer["usage"]["completion_tokens"] == 4, "{answer}");
    }
    for (name, value) in [
        ("cost_micros_max", prompt),
        ("total_tokens", prompt),
        ("time_ms_max", 0),
        ("deadline_ms", 1),
    ] {
        let (status, answer) = whole(&server, json!({ "budget": { name: value } })).await?;
        let error = &answer["error"];
        ensure!(
            status == 429 && error["code"] == "budget_exhausted",
            "{status}: {answer}"
        );
        model_error(&answer, if name == "deadline_ms" { "deadline" } else { name })?;
        model_error(&answer, "hint: ")?;
    }
    let (status, answer) = whole(&server, json!({ "budget": { "max_tokens": 1 } })).await?;
    ensure!(
        status == 400 && answer["error"]["param"] == "budget.max_tokens",
        "{answer}"
    );
    Ok(())
}

#[tokio::test]
async fn all_of_it_goes_through_an_application_without_an_engine() -> Result<()> {
    let models = priced().await?;
    let application = application(&models).await?;
    let (status, first) = whole(&application, json!({})).await?;
    ensure!(status == 200 && cached(&first)? == 0, "{status}: {first}");
    // Its gateway is on behalf of `local`, and the model server was told so.
    let (_, answer) = whole(&models, json!({ "tenant": "local" })).await?;
    ensure!(cached(&answer)? > 0, "{answer}");
    let (_, answer) = whole(&models, json!({})).await?;
    ensure!(cached(&answer)? == 0, "{answer}");

    let (status, answer) = whole(&application, json!({ "adapter": "bard" })).await?;
    ensure!(
        status == 404 && answer["error"]["code"] == "adapter_not_found",
        "{status}: {answer}"
    );
    model_error(&answer, "poet")?;
    let (status, answer) = whole(&application, json!({ "adapter": "poet", "service_tier": "flex" })).await?;
    let said = |answer: &Value| answer["choices"][0]["message"]["content"].clone();
    ensure!(
        status == 200 && said(&answer) != said(&first),
        "{status}: {answer}"
    );

    let prompt = first["usage"]["prompt_tokens"].as_u64().context("no usage")?;
    let (_, answer) = whole(
        &application,
        json!({ "budget": { "cost_micros_max": prompt + 2 * 3 } }),
    )
    .await?;
    let choice = &answer["choices"][0];
    ensure!(choice["budget_exhausted"] == "cost_micros_max", "{answer}");
    ensure!(answer["usage"]["completion_tokens"] == 3, "{answer}");
    let (status, answer) = whole(&application, json!({ "budget": { "time_ms_max": 0 } })).await?;
    ensure!(
        status == 429 && answer["error"]["code"] == "budget_exhausted",
        "{status}: {answer}"
    );
    model_error(&answer, "time_ms_max")?;
    let (status, answer) = whole(&application, json!({ "tenant": "other" })).await?;
    ensure!(
        status == 403 && answer["error"]["param"] == "tenant",
        "{status}: {answer}"
    );
    Ok(())
}

#[tokio::test]
async fn leaves_without_a_model_refuse_by_name_and_time_ends_what_hangs() -> Result<()> {
    let server = with_double()?.start().await?;
    let hanging = |more: Value| {
        let mut body = question(&more)?;
        body["model"] = json!("double");
        body["messages"][0]["content"] = json!("double: hang");
        anyhow::Ok(body)
    };
    let budget = json!({ "time_ms_max": 50 });
    let (status, answer) = server
        .post(COMPLETIONS, &hanging(json!({ "budget": budget }))?)
        .await?;
    let ended =
        |choice: &Value| choice["finish_reason"] == "length" && choice["budget_exhausted"] == "time_ms_max";
    ensure!(
        status == 200 && ended(&answer["choices"][0]),
        "{status}: {answer}"
    );
    let body = hanging(json!({ "budget": budget, "stream": true }))?;
    let events = server.stream(COMPLETIONS, &body).await?.rest().await?;
    ensure!(
        is_done(&events) && ended(&last_chunk(&events)?["choices"][0]),
        "{events:?}"
    );

    for model in ["double", "gyre-extractive"] {
        for (more, name) in [
            (json!({ "adapter": "poet" }), "adapter"),
            (
                json!({ "budget": { "cost_micros_max": 1 } }),
                "budget.cost_micros_max",
            ),
            (json!({ "budget": { "total_tokens": 1 } }), "budget.total_tokens"),
        ] {
            let mut body = question(&more)?;
            body["model"] = json!(model);
            let (status, answer) = server.post(COMPLETIONS, &body).await?;
            ensure!(
                status == 400 && answer["error"]["code"] == "unsupported",
                "{status}: {answer}"
            );
            model_error(&answer, name)?;
        }
    }
    Ok(())
}
