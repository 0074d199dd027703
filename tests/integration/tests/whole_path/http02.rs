//! Guests of WASI 0.2: the same grants and limits, and the same honest ends.

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::Value;
use std::time::Instant;

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "http02-test"

[[trigger.http]]
route = "/..."
component = "http02"

[[trigger.http]]
route = { private = true }
component = "echo"

[component.http02]
source = "{guests}/fixture_http02.wasm"
allowed_outbound_hosts = ["http://echo.spin.internal"]
[component.http02.tool.gyre]
request_ms_max = 1500

[component.echo]
source = "{guests}/fixture_echo.wasm"
"#;

async fn start() -> Result<Server> {
    Setup::app(APP)?.start().await
}

async fn fetched(server: &Server, url: &str) -> Result<Value> {
    let request = server.http().get(server.url("/fetch")).header("x-url", url);
    Ok(request.send().await?.json().await?)
}

#[tokio::test]
async fn a_guest_of_wasi_02_is_served_like_one_of_03() -> Result<()> {
    let server = start().await?;
    let request = server
        .http()
        .post(server.url("/x/y?q=1"))
        .header("x-own", "kept")
        .body("hello");
    let seen: Value = request.send().await?.json().await?;
    ensure!(seen["fixture"] == "http02" && seen["body"] == "hello", "{seen}");
    ensure!(
        seen["path"] == "/x/y?q=1" && seen["method"] == "Method::Post",
        "{seen}"
    );
    ensure!(
        seen["headers"]["spin-path-info"] == "/x/y" && seen["headers"]["x-own"] == "kept",
        "{seen}"
    );
    ensure!(seen["authority"] == server.address(), "{seen}");
    Ok(())
}

#[tokio::test]
async fn its_requests_pass_the_same_gate() -> Result<()> {
    let server = start().await?;
    let answer = fetched(&server, "http://echo.spin.internal/deep/path").await?;
    let seen = &answer["json"];
    ensure!(answer["status"] == 200 && seen["fixture"] == "echo", "{answer}");
    for (name, expected) in [
        ("spin-path-info", "/deep/path"),
        ("spin-full-url", "http://localhost/deep/path"),
        ("spin-matched-route", "/..."),
        ("spin-component-route", ""),
        ("spin-client-addr", "0.0.0.0:0"),
    ] {
        ensure!(seen["headers"][name] == expected, "{name}: {seen}");
    }
    let answer = fetched(&server, "http://other.spin.internal/").await?;
    let error = answer["error"].as_str().context("no error")?;
    ensure!(error.contains("HttpRequestDenied"), "{answer}");
    let line = "add \"http://other.spin.internal\" to allowed_outbound_hosts of [component.http02]";
    ensure!(server.logs(line).await, "{}", server.stderr());
    Ok(())
}

#[tokio::test]
async fn its_answer_streams() -> Result<()> {
    let server = start().await?;
    let mut answer = server.http().get(server.url("/stream")).send().await?;
    let first = answer.chunk().await?.context("no first part")?;
    let begun = Instant::now();
    ensure!(first.starts_with(b"begun"), "{first:?}");
    let mut rest = Vec::new();
    while let Some(part) = answer.chunk().await? {
        rest.extend(part);
    }
    ensure!(String::from_utf8_lossy(&rest).ends_with("part 2\n"), "{rest:?}");
    ensure!(begun.elapsed().as_millis() > 150, "it came at once");
    Ok(())
}

#[tokio::test]
async fn its_failures_never_look_like_an_end() -> Result<()> {
    let server = start().await?;
    for path in ["/trap", "/silent"] {
        let (status, answer) = server.get(path).await?;
        ensure!(
            status == 500 && answer["hint"].is_string(),
            "{path}: {status} {answer}"
        );
    }
    for path in ["/trap-late", "/wait-late"] {
        let answer = server.http().get(server.url(path)).send().await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        let whole = answer.bytes().await;
        ensure!(whole.is_err(), "{path}: it looks whole: {whole:?}");
    }
    let (status, _) = server.get("/").await?;
    ensure!(status == 200, "{status}");
    Ok(())
}

#[tokio::test]
async fn what_guests_write_is_logged_in_whole_lines() -> Result<()> {
    // It is not there yet.
    let logs = tempfile_folder()?.join("logs");
    let setup = Setup::app(APP)?.option("--log-dir", &logs.to_string_lossy());
    let server = setup.start().await?;
    let request = server
        .http()
        .get(server.url("/print"))
        .header("x-request-id", "r-77");
    ensure!(request.send().await?.status() == 200, "not printed");
    for line in [
        "a line on stdout",
        "second line",
        "a line on stderr",
        "the last words",
    ] {
        ensure!(server.logs(line).await, "no `{line}` in {}", server.stderr());
    }
    let log = server.stderr();
    let found = log
        .lines()
        .find(|line| line.contains("second line"))
        .context("no line")?;
    for part in ["gyre::guest", "http02", "stdout", "r-77"] {
        ensure!(found.contains(part), "no {part} in {found}");
    }
    let written = std::fs::read_to_string(logs.join("http02_stdout.txt"))?;
    ensure!(
        written == "a line on stdout\nsecond line\nthe last words\n",
        "{written:?}"
    );
    ensure!(std::fs::read_to_string(logs.join("http02_stderr.txt"))? == "a line on stderr\n");

    let quiet = Setup::app(APP)?.flag("--quiet").start().await?;
    let request = quiet.http().get(quiet.url("/print"));
    ensure!(request.send().await?.status() == 200, "not printed");
    ensure!(!quiet.stderr().contains("second line"), "{}", quiet.stderr());
    Ok(())
}

/// A folder of this process's own, which need not exist.
fn tempfile_folder() -> Result<std::path::PathBuf> {
    let name = format!("gyre-guest-log-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(folder)
}
