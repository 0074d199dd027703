//! The verbs of `gyre` against a real server: what they print, and how they end.

use crate::expect::{ISOLATION, list, text};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Setup, gyre};

#[tokio::test]
async fn verbs_do_their_work() -> Result<()> {
    let server = Setup::new()?.start().await?;
    let folder = server.setup.models();
    std::fs::write(folder.join("isolation.md"), ISOLATION)?;
    std::fs::write(folder.join("notes.txt"), "Kettles whistle.\n")?;
    let url = server.url("");
    for status in ["ingested", "unchanged"] {
        let done = gyre(&folder, &["ingest", ".", "--json", "--url", &url]).await?;
        ensure!(
            done.code == 0 && done.stdout.matches(status).count() >= 1,
            "{done:?}"
        );
        done.json()?;
    }
    let found = gyre(&folder, &["search", "sandbox powers", "--json", "--url", &url]).await?;
    ensure!(
        found.code == 0 && text(&found.json()?, "/passages/0/source")? == "isolation.md",
        "{found:?}"
    );
    let found = gyre(&folder, &["search", "sandbox powers", "--url", &url]).await?;
    ensure!(
        found.code == 0 && found.stdout.contains("isolation.md"),
        "{found:?}"
    );

    let question = "How does Gyre isolate an agent?";
    let answer = gyre(&folder, &["chat", "researcher", question, "--url", &url]).await?;
    ensure!(
        answer.code == 0 && answer.stdout.contains("sandbox of its own"),
        "{answer:?}"
    );
    ensure!(answer.stdout.contains("isolation.md"), "no citation: {answer:?}");
    ensure!(
        format!("{}{}", answer.stdout, answer.stderr).contains("gyre-extractive"),
        "no model: {answer:?}"
    );
    let answer = gyre(
        &folder,
        &["chat", "researcher", question, "--json", "--url", &url],
    )
    .await?;
    ensure!(
        answer.code == 0 && !list(&answer.json()?, "/citations")?.is_empty(),
        "{answer:?}"
    );

    let agents = gyre(&folder, &["agent", "list", "--json", "--url", &url]).await?;
    ensure!(
        agents.code == 0 && text(&agents.json()?, "/agents/0/id")? == "researcher",
        "{agents:?}"
    );
    let agents = gyre(&folder, &["agent", "list", "--url", &url]).await?;
    ensure!(
        agents.code == 0 && agents.stdout.contains("researcher"),
        "{agents:?}"
    );
    Ok(())
}

#[tokio::test]
async fn verbs_fail_with_their_codes_and_cures() -> Result<()> {
    let server = Setup::new()?.start().await?;
    let folder = server.setup.models();
    let url = server.url("");
    // A port that was free a moment ago and that nobody listens on.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let nobody = format!("http://{nobody}");
    let cases: [(&[&str], i32, &str); 6] = [
        (&["chat", "nobody", "hello", "--url", &url], 1, "researcher"),
        (&["chat", "researcher", "", "--url", &url], 2, "empty"),
        (
            &["chat", "researcher", "hello", "--model", "nope", "--url", &url],
            69,
            "nope",
        ),
        (&["agent", "list", "--url", &nobody], 69, "gyre up"),
        (
            &["ingest", "no-such-file.md", "--url", &url],
            1,
            "no-such-file.md",
        ),
        (&["search", "x", "--limit", "0", "--url", &url], 2, "--limit"),
    ];
    for (arguments, code, said) in cases {
        let done = gyre(&folder, arguments).await?;
        ensure!(done.code == code, "{arguments:?}: not {code}: {done:?}");
        ensure!(
            done.stderr.contains(said),
            "{arguments:?}: nothing about `{said}`: {done:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn doctor_says_what_is_wrong() -> Result<()> {
    let server = Setup::new()?.start().await?;
    let mut arguments = server.setup.arguments();
    arguments[0] = "doctor".into();
    arguments.extend(["--json".into(), "--url".into(), server.url("")]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = gyre(server.setup.folder(), &arguments).await?;
    let report = done.json()?;
    // A missing model is a warning: words are searched without it.
    ensure!(done.code == 0 && report["status"] == "warn", "{done:?}");
    let models = list(&report, "/checks")?
        .iter()
        .find(|check| check["name"] == "models");
    let models = models.context("models are not checked")?;
    ensure!(
        models["level"] == "warn" && text(models, "/cure")?.contains("cargo xtask up"),
        "{models}"
    );
    Ok(())
}
