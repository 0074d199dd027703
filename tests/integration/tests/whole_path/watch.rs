//! `gyre up --watch`: what changes on disk runs at once, and drops no request.

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup, guests};
use std::path::PathBuf;
use std::time::Duration;

/// The component under change, and one that has both guests compiled before the test begins.
const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "watched"
[[trigger.http]]
component = "app"
route = "/..."
[component.app]
source = "app.wasm"
environment = { STREAM_MS = "4000" }
[[trigger.http]]
component = "warm"
route = "/warm/..."
[component.warm]
source = "{guests}/fixture_echo.wasm"
"#;

const STREAMS: &str = "fixture_telemetry.wasm";
const ECHOES: &str = "fixture_echo.wasm";

/// Puts another file in the place of the component's, as a build does.
fn put(setup: &Setup, content: &[u8]) -> Result<()> {
    let target: PathBuf = setup.folder().join("app.wasm");
    let new = target.with_extension("new");
    std::fs::write(&new, content)?;
    std::fs::rename(&new, &target)?;
    Ok(())
}

fn guest(name: &str) -> Result<Vec<u8>> {
    std::fs::read(guests()?.join(name)).with_context(|| format!("{name} is not built"))
}

async fn start() -> Result<Server> {
    let setup = Setup::app(APP)?.flag("--watch");
    put(&setup, &guest(STREAMS)?)?;
    setup.start().await
}

async fn told(server: &Server, text: &str) -> Result<()> {
    ensure!(server.logs(text).await, "not told: {text}\n{}", server.stderr());
    Ok(())
}

async fn which(server: &Server, path: &str) -> Result<String> {
    let (_, answer) = server.get(path).await?;
    Ok(answer["fixture"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_component_is_swapped_while_a_stream_of_the_old_one_ends_whole() -> Result<()> {
    let server = start().await?;
    let mut stream = server.http().get(server.url("/stream")).send().await?;
    let first = stream.chunk().await?.context("no first piece")?;
    ensure!(first == "first ", "{first:?}");
    put(&server.setup, &guest(ECHOES)?)?;
    told(&server, "reloaded app").await?;
    ensure!(which(&server, "/").await? == "echo", "the old component answers");
    let rest = tokio::time::timeout(Duration::from_secs(20), stream.text()).await??;
    ensure!(rest == "last", "the stream was cut: {rest:?}");
    ensure!(
        which(&server, "/warm/").await? == "echo",
        "the other component is gone"
    );
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_used_keeps_the_old_and_says_why() -> Result<()> {
    let server = start().await?;
    put(&server.setup, b"no component at all")?;
    told(&server, "kept the old app").await?;
    ensure!(
        which(&server, "/").await? == "telemetry",
        "the old component is gone"
    );
    put(&server.setup, &guest(ECHOES)?)?;
    told(&server, "reloaded app").await?;
    ensure!(which(&server, "/").await? == "echo", "the old component answers");
    Ok(())
}

#[tokio::test]
async fn a_changed_manifest_is_taken_whole_or_not_at_all() -> Result<()> {
    let server = start().await?;
    let manifest = server.setup.manifest();
    let text = std::fs::read_to_string(&manifest)?;
    let more = "[[trigger.http]]\ncomponent = \"more\"\nroute = \"/more/...\"\n[component.more]\nsource = \"app.wasm\"\n";
    std::fs::write(&manifest, format!("{text}{more}"))?;
    told(&server, "reloaded application").await?;
    ensure!(
        which(&server, "/more/").await? == "telemetry",
        "the new route is not there"
    );
    std::fs::write(&manifest, format!("{text}what = 1\n"))?;
    told(&server, "kept the old application").await?;
    ensure!(
        which(&server, "/more/").await? == "telemetry",
        "the old route is gone"
    );
    let large = "[component.app.tool.gyre]\nmemory_bytes_max = 134217728\n";
    std::fs::write(&manifest, format!("{text}{large}"))?;
    told(&server, "restart gyre").await?;
    // The files of the last manifest that was taken are watched.
    put(&server.setup, &guest(ECHOES)?)?;
    told(&server, "reloaded app, more").await?;
    ensure!(
        which(&server, "/more/").await? == "echo",
        "the old component answers"
    );
    Ok(())
}
