//! What a manifest may say beside its wiring: components by URL, build commands.

use crate::expect::refused;
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Setup, guests, gyre};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Serves one file to whoever asks, and counts.
struct Files {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Files {
    async fn serve(bytes: Vec<u8>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/echo.wasm", listener.local_addr()?);
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut head = [0; 4096];
                let head_read = stream.read(&mut head).await;
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", bytes.len());
                if head_read.is_ok() && stream.write_all(answer.as_bytes()).await.is_ok() {
                    // The client may give up.
                    let _ = stream.write_all(&bytes).await;
                }
            }
        });
        Ok(Self { url, asked })
    }
}

fn echo_by_url(url: &str, digest: &str) -> String {
    format!(
        "spin_manifest_version = 2\n[application]\nname = \"remote\"\n[[trigger.http]]\nroute = \"/...\"\n\
         component = {{ source = {{ url = \"{url}\", digest = \"sha256:{digest}\" }} }}\n"
    )
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[tokio::test]
async fn a_component_by_url_is_fetched_once_and_checked() -> Result<()> {
    let bytes = std::fs::read(guests()?.join("fixture_echo.wasm"))?;
    let right = digest(&bytes);
    let files = Files::serve(bytes).await?;
    let mut server = Setup::app(&echo_by_url(&files.url, &right))?.start().await?;
    let (status, body) = server.get("/a").await?;
    ensure!(status == 200 && body["fixture"] == "echo", "{status} {body}");
    server.restart().await?;
    let (status, _) = server.get("/b").await?;
    ensure!(status == 200, "{status}");
    let asked = files.asked.load(Ordering::SeqCst);
    ensure!(asked == 1, "asked {asked} times");

    let wrong = Setup::app(&echo_by_url(&files.url, &digest(b"other")))?;
    refused(&up(&wrong).await?, 64, &format!("digest is sha256:{right}"))?;
    let gone = Setup::app(&echo_by_url("http://127.0.0.1:1/echo.wasm", &right))?;
    refused(&up(&gone).await?, 69, "cannot fetch http://127.0.0.1:1/echo.wasm")
}

async fn up(setup: &Setup) -> Result<gyre_test_support::Finished> {
    let arguments = setup.arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    gyre(setup.folder(), &arguments).await
}

/// A shell and a leaf, each with commands that leave a trace.
const BUILDS: &str = r#"
spin_manifest_version = 2
[application]
name = "builds"
[[trigger.http]]
route = "/..."
component = "a-shell"
[component.a-shell]
source = "shell.wasm"
build = { command = ["echo shell >> ../trace", "pwd >> ../trace"], workdir = "work" }
[component.a-shell.dependencies]
"t:leaf" = { component = "leaf" }
[component.leaf]
source = "leaf.wasm"
build = { command = "echo leaf >> trace" }
[component.leaf.profile.other]
build = { command = "echo other >> trace; exit 7" }
[component.silent]
source = "silent.wasm"
"#;

fn builds() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("work"))?;
    std::fs::write(folder.path().join("spin.toml"), BUILDS)?;
    Ok(folder)
}

fn trace(folder: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(folder.join("trace")).context("nothing was built")?;
    Ok(text.lines().map(str::to_owned).collect())
}

#[tokio::test]
async fn build_runs_the_commands_of_components_leaves_first() -> Result<()> {
    let folder = builds()?;
    let built = gyre(folder.path(), &["build"]).await?;
    ensure!(built.code == 0, "{built:?}");
    let work = folder.path().canonicalize()?.join("work");
    let expected = ["leaf", "shell", &work.to_string_lossy()];
    let seen = trace(folder.path())?;
    ensure!(seen == expected, "{seen:?}");

    let folder = builds()?;
    let built = gyre(folder.path(), &["build", "--component-id", "a-shell"]).await?;
    ensure!(built.code == 0, "{built:?}");
    ensure!(trace(folder.path())?.len() == 2, "only the shell");
    let nothing = gyre(folder.path(), &["build", "-c", "silent"]).await?;
    ensure!(
        nothing.code == 0 && nothing.stderr.contains("nothing to build"),
        "{nothing:?}"
    );
    refused(
        &gyre(folder.path(), &["build", "-c", "nobody"]).await?,
        2,
        "`nobody`",
    )
}

#[tokio::test]
async fn a_build_that_fails_names_its_component_and_code() -> Result<()> {
    let folder = builds()?;
    let built = gyre(folder.path(), &["build", "--profile", "other", "--up"]).await?;
    refused(
        &built,
        1,
        "component leaf: `echo other >> trace; exit 7` failed with exit code 7",
    )?;
    let seen = trace(folder.path())?;
    ensure!(seen == ["other"], "what depends on it is not built: {seen:?}");
    Ok(())
}
