//! `gyre up --model`: a file becomes the model that answers; what cannot answer is refused before anything listens.

use crate::expect::{self, CHAT, COMPLETIONS, alive, delta, ingest_isolation, is_done, list, prompt, text};
use anyhow::{Context, Result, ensure};
use gyre_gguf::{Builder, Value as Metadata, tiny};
use gyre_test_support::{Server, Setup, gyre, repository};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

/// An agent whose whole prompt fits the context of the tiny model.
const PERSONA: &str = r#"{"id": "researcher", "description": "For tests.", "system": "Say it.", "knowledge": false,
    "max_steps": 1, "max_passages": 1, "max_output_bytes": 4096, "max_tokens": 20}"#;

/// A file beside the models folder.
fn beside(setup: &Setup, name: &str) -> PathBuf {
    setup.folder().join(name)
}

fn given(path: &Path) -> Result<&str> {
    path.to_str().context("not UTF-8")
}

#[tokio::test]
async fn a_file_anywhere_is_loaded_listed_streams_and_is_the_default() -> Result<()> {
    let setup = Setup::new()?;
    let file = beside(&setup, "My Talk.gguf");
    tiny::random_llama(7, &file)?;
    let persona = beside(&setup, "persona");
    fs::create_dir(&persona)?;
    fs::write(persona.join("persona.json"), PERSONA)?;
    let original = format!("{}/components/agent/personas/researcher", repository()?.display());
    let setup = setup.replace(&original, &persona.to_string_lossy())?;
    let server = setup.option("--model", given(&file)?).start().await?;
    ensure!(
        server.logs("My-Talk is loaded (llama)").await,
        "{}",
        server.stderr()
    );

    let (_, models) = server.get("/v1/models").await?;
    let listed = list(&models, "/data")?
        .iter()
        .any(|model| model["id"] == "My-Talk");
    ensure!(listed, "{models}");
    let mut body = prompt("My-Talk", "tell me");
    body["max_tokens"] = json!(20);
    let events = server.stream(COMPLETIONS, &body).await?.rest().await?;
    ensure!(is_done(&events), "no end: {:?}", events.last());
    ensure!(events.iter().any(|event| delta(event).is_some()), "{events:?}");

    let (status, answer) = server
        .post(CHAT, &json!({"input": "hello", "stream": false}))
        .await?;
    ensure!(
        status == 200 && answer["model"] == "My-Talk",
        "{status}: {answer}"
    );
    alive(&server).await
}

/// Where the manifest has a model of its own.
async fn with_default(setup: Setup, model: Option<&str>) -> Result<Server> {
    let persona = beside(&setup, "persona");
    fs::create_dir(&persona)?;
    fs::write(persona.join("persona.json"), PERSONA)?;
    let original = format!("{}/components/agent/personas/researcher", repository()?.display());
    let setup = setup.replace(&original, &persona.to_string_lossy())?.replace(
        "local_models = true",
        "local_models = true\ndefault_model = \"own-1\"",
    )?;
    match model {
        Some(model) => setup.option("--model", model).start().await,
        None => setup.start().await,
    }
}

#[tokio::test]
async fn the_manifests_own_model_answers_where_none_is_named() -> Result<()> {
    let answered_by = async |server: &Server| -> Result<Value> {
        let (status, answer) = server
            .post(CHAT, &json!({"input": "hello", "stream": false}))
            .await?;
        ensure!(status == 200, "{status}: {answer}");
        Ok(answer["model"].clone())
    };
    let there = || -> Result<Setup> {
        let setup = Setup::new()?;
        tiny::random_llama(7, &setup.model("own-1"))?;
        Ok(setup)
    };
    let server = with_default(there()?, None).await?;
    ensure!(server.logs("own-1 is loaded").await, "{}", server.stderr());
    ensure!(answered_by(&server).await? == "own-1");

    let server = with_default(there()?, Some("none")).await?;
    ensure!(answered_by(&server).await? == "gyre-extractive");

    let server = with_default(Setup::new()?, None).await?;
    ensure!(server.logs("own-1 is not in").await, "{}", server.stderr());
    ensure!(answered_by(&server).await? == "gyre-extractive");
    Ok(())
}

#[tokio::test]
async fn what_cannot_answer_is_refused_with_the_cure() -> Result<()> {
    let setup = Setup::new()?;
    let write = |name: &str| beside(&setup, name);
    tiny::random_llama(7, &write("whole.gguf"))?;
    let whole = fs::read(write("whole.gguf"))?;
    fs::write(write("cut.gguf"), &whole[..whole.len() / 2])?;
    fs::write(write("page.gguf"), "<!doctype html>")?;
    tiny::random_llama_without_template(7, &write("base.gguf"))?;
    tiny::random_bert(7, &write("bert.gguf"))?;
    Builder::new("martian")
        .set("tokenizer.chat_template", Metadata::String("x".into()))
        .write(&write("odd.gguf"))?;
    // A file of holes: larger than any memory, and no byte of it on the disk.
    fs::write(write("huge.gguf"), &whole)?;
    fs::File::options()
        .write(true)
        .open(write("huge.gguf"))?
        .set_len(8 << 40)?;
    tiny::random_llama(8, &setup.model("whole"))?;
    let cases = [
        ("missing.gguf", 69, "no model file"),
        ("page.gguf", 64, "does not begin with `GGUF`"),
        ("cut.gguf", 64, "truncated"),
        ("base.gguf", 64, "instruct"),
        ("bert.gguf", 64, "makes embeddings"),
        ("odd.gguf", 64, "`martian`"),
        ("huge.gguf", 69, "smaller quantisation"),
        ("whole.gguf", 64, "rename one"),
    ];
    for (name, code, said) in cases {
        let file = write(name);
        refused(&setup, &[given(&file)?], code, said)
            .await
            .context(name)?;
    }
    refused(&setup, &["nobody"], 69, "chat models there: whole").await?;
    refused(&setup, &["whole", "whole"], 64, "two models are named").await?;
    refused(&setup, &["none", "whole"], 2, "--model none").await
}

#[tokio::test]
async fn interrupted_while_it_loads() -> Result<()> {
    // Its worker is a script: the second wall lets no shell start.
    let setup = Setup::new()?
        .option("--model", "small")
        .option("--confine", "off");
    tiny::random_llama(7, &setup.model("small"))?;
    // A worker that never says a word: loading takes until somebody is tired of it.
    let host = gyre_test_support::host()?;
    let deaf = host.with_file_name("test-deaf");
    fs::create_dir_all(&deaf)?;
    let (gyre, worker) = (deaf.join("gyre"), deaf.join("gyre-engine"));
    // A link, not a copy: what was just written may still be open for writing in a child that another test starts.
    if gyre.exists() {
        fs::remove_file(&gyre)?;
    }
    fs::hard_link(&host, &gyre)?;
    fs::write(&worker, "#!/bin/sh\nexec sleep 600\n")?;
    fs::set_permissions(&worker, fs::Permissions::from_mode(0o755))?;
    let mut child = Command::new(gyre)
        .args(setup.arguments())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(child.stderr.take().context("no stderr")?).lines();
    loop {
        let line = lines.next_line().await?.context("it ended without loading")?;
        if line.contains("loading small") {
            break;
        }
    }
    let pid = child.id().context("it ended")?.to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().await?;
    ensure!(sent.success(), "not interrupted");
    let ended = child.wait_with_output().await?;
    ensure!(ended.status.code() == Some(130), "{ended:?}");
    ensure!(ended.stdout.is_empty(), "{ended:?}");
    Ok(())
}

async fn refused(setup: &Setup, models: &[&str], code: i32, said: &str) -> Result<()> {
    let mut arguments = setup.arguments();
    for model in models {
        arguments.extend(["--model", model].map(str::to_owned));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let finished = gyre(&repository()?, &arguments).await?;
    expect::refused(&finished, code, said)
}

#[tokio::test]
async fn no_model_is_quotes_and_search_by_words() -> Result<()> {
    let server = Setup::new()?.option("--model", "none").start().await?;
    #[cfg(target_os = "linux")]
    ensure!(
        crate::worker_death::child_of(server.pid()).is_err(),
        "a worker runs"
    );
    let ingested = ingest_isolation(&server).await?;
    ensure!(
        ingested.to_string().contains("lexical"),
        "not by words: {ingested}"
    );
    let (status, answer) = server
        .post(CHAT, &json!({"input": "How does Gyre isolate an agent?"}))
        .await?;
    ensure!(status == 200, "{status}: {answer}");
    ensure!(answer["model"] == "gyre-extractive", "{answer}");
    ensure!(text(&answer, "/output")?.contains("sandbox"), "{answer}");
    alive(&server).await
}

#[tokio::test]
async fn a_chat_model_in_the_folder_is_hinted_at_and_not_used() -> Result<()> {
    let setup = Setup::new()?;
    tiny::random_llama(7, &setup.model("small"))?;
    let arguments = setup.arguments();
    let server = setup.start().await?;
    ensure!(
        server.logs("`gyre up --model small` lets it answer").await,
        "{}",
        server.stderr()
    );
    let (_, models) = server.get("/v1/models").await?;
    ensure!(!models.to_string().contains("\"small\""), "{models}");

    let mut doctor: Vec<&str> = arguments.iter().map(String::as_str).collect();
    doctor[0] = "doctor";
    let small = gyre(&repository()?, &[&doctor[..], &["--model", "small"]].concat()).await?;
    ensure!(
        small.stdout.contains("ok    model: small (llama) needs about"),
        "{small:?}"
    );
    ensure!(small.stdout.contains("small (chat)"), "{small:?}");
    let nobody = gyre(&repository()?, &[&doctor[..], &["--model", "nobody"]].concat()).await?;
    ensure!(
        nobody.code == 1 && nobody.stdout.contains("fail  model: there is no model `nobody`"),
        "{nobody:?}"
    );
    Ok(())
}
