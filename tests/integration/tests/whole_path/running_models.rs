//! `gyre model ps`, `load` and `unload` on real servers: what is loaded at will, what is refused, and to whom.

use crate::expect::{COMPLETIONS, prompt, text};
use anyhow::{Context, Result, ensure};
use gyre_gguf::tiny;
use gyre_test_support::{Finished, Server, Setup, gyre, repository};
use serde_json::Value;

/// With the chat models `one` and `two`, of which the application is given `one`, and `letters`.
fn setup() -> Result<Setup> {
    let setup = Setup::new()?
        .option("--admin", "127.0.0.1:0")
        .option("--model", "one");
    for (seed, name) in [(1, "one"), (2, "two")] {
        tiny::random_llama(seed, &setup.model(name))?;
    }
    tiny::random_bert(3, &setup.model("letters"))?;
    Ok(setup)
}

async fn model(server: &Server, words: &[&str]) -> Result<Finished> {
    let admin = server.admin().await?;
    let words = [&["model"], words, &["--admin", &admin]].concat();
    gyre(&repository()?, &words).await
}

/// Names of the models in memory, with what they take.
async fn in_memory(server: &Server) -> Result<Vec<(String, u64)>> {
    let listed = model(server, &["ps", "--json"]).await?.json()?;
    let models = listed["models"].as_array().context("no models")?;
    let held = models.iter().filter_map(|model| {
        let bytes = model.pointer("/memory/total_bytes")?.as_u64()?;
        Some((model["name"].as_str()?.to_owned(), bytes))
    });
    Ok(held.collect())
}

fn names(held: &[(String, u64)]) -> Vec<&str> {
    held.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn models_are_loaded_and_unloaded_at_will() -> Result<()> {
    let server = setup()?.start().await?;
    let held = in_memory(&server).await?;
    ensure!(names(&held) == ["one"] && held[0].1 > 0, "{held:?}");
    let loaded = model(&server, &["load", "two"]).await?;
    ensure!(loaded.code == 0 && loaded.stdout == "loaded two\n", "{loaded:?}");
    ensure!(names(&in_memory(&server).await?) == ["one", "two"]);
    let unloaded = model(&server, &["unload", "one", "--json"]).await?;
    ensure!(unloaded.json()?["state"] == "unloaded", "{unloaded:?}");
    ensure!(names(&in_memory(&server).await?) == ["two"]);
    // The next call loads it again.
    let mut body = prompt("one", "tell me");
    (body["stream"], body["max_tokens"]) = (false.into(), 3.into());
    let (status, answer) = server.post(COMPLETIONS, &body).await?;
    ensure!(status == 200, "{status}: {answer}");
    ensure!(names(&in_memory(&server).await?) == ["one", "two"]);

    let unknown = model(&server, &["load", "nobody"]).await?;
    ensure!(
        unknown.code == 69 && unknown.stderr.contains("there are: letters, one, two"),
        "{unknown:?}"
    );
    std::fs::write(server.setup.model("page"), "<!doctype html>")?;
    let broken = model(&server, &["load", "page"]).await?;
    ensure!(
        broken.code == 1 && broken.stderr.contains("`page.gguf` cannot be used"),
        "{broken:?}"
    );
    Ok(())
}

#[tokio::test]
async fn what_does_not_fit_is_told_and_what_is_idle_makes_room() -> Result<()> {
    let server = setup()?.start().await?;
    let one = in_memory(&server).await?[0].1;
    drop(server);
    let room = (one + one / 2).to_string();
    let server = setup()?.option("--memory-bytes-max", &room).start().await?;
    let loaded = model(&server, &["load", "two"]).await?;
    ensure!(loaded.code == 0, "{loaded:?}");
    ensure!(names(&in_memory(&server).await?) == ["two"], "the idle one left");
    // A graph counts 32 MiB beside its file; that is refused before ONNX Runtime is looked for.
    ensure!(one + one / 2 < 32 << 20, "{one}");
    gyre_onnx::tiny::sum(&server.setup.models().join("sum.onnx"))?;
    let refused = model(&server, &["load", "sum"]).await?;
    ensure!(
        refused.code == 69 && refused.stderr.contains("needs 33 MiB of memory"),
        "{refused:?}"
    );
    ensure!(
        refused.stderr.contains("hint: use a smaller model"),
        "{refused:?}"
    );
    ensure!(names(&in_memory(&server).await?) == ["two"]);
    Ok(())
}

async fn post(server: &Server, path: &str, host: &str, media_type: &str) -> Result<(u16, Value)> {
    let url = format!("{}{path}", server.admin().await?);
    let request = server
        .http()
        .post(url)
        .header("host", host)
        .header("content-type", media_type)
        .body("{}");
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    Ok((status, serde_json::from_str(&answer.text().await?)?))
}

#[tokio::test]
async fn pages_in_a_browser_load_nothing() -> Result<()> {
    let server = setup()?.start().await?;
    let load = "/models/two/load";
    for (host, media_type, said) in [
        ("evil.example", "application/json", "Host"),
        ("127.0.0.1", "text/plain", "not JSON"),
    ] {
        let (status, problem) = post(&server, load, host, media_type).await?;
        ensure!(status == 403, "{status}: {problem}");
        ensure!(text(&problem, "/detail")?.contains(said), "{problem}");
    }
    ensure!(names(&in_memory(&server).await?) == ["one"]);
    let (status, told) = post(&server, load, "localhost", "application/json").await?;
    ensure!(status == 200 || status == 202, "{status}: {told}");
    let got = server
        .http()
        .get(format!("{}{load}", server.admin().await?))
        .send()
        .await?;
    ensure!(got.status() == 405, "{}", got.status());
    let (status, problem) = post(&server, "/models/none/unload", "localhost", "application/json").await?;
    ensure!(
        status == 404 && problem["type"] == "urn:gyre:error:model-not-found",
        "{status}: {problem}"
    );
    Ok(())
}

#[tokio::test]
async fn a_model_server_has_the_socket_too_and_no_engine_is_told() -> Result<()> {
    let setup = setup()?.serve_model();
    let server = setup.start().await?;
    let unloaded = model(&server, &["unload", "one"]).await?;
    ensure!(unloaded.stdout == "unloaded one\n", "{unloaded:?}");
    drop(server);
    let server = Setup::new()?
        .option("--admin", "127.0.0.1:0")
        .option("--model", "none")
        .start()
        .await?;
    let refused = model(&server, &["load", "one"]).await?;
    ensure!(
        refused.code == 69 && refused.stderr.contains("--model none"),
        "{refused:?}"
    );
    Ok(())
}
