//! What spin-operator passes a `spinImage`: an application of a registry.

use anyhow::{Result, ensure};
use gyre_test_support::registry::{self, Registry, digest};
use gyre_test_support::{Setup, guests, gyre};
use serde_json::{Value, json};

/// A registry with two components that echo, and a file that one of them may read.
fn pushed() -> Result<Registry> {
    let echo = std::fs::read(guests()?.join("fixture_echo.wasm"))?;
    let component = |id: &str, files: Value| {
        json!({
            "id": id,
            "source": { "content_type": "application/wasm", "digest": digest(&echo) },
            "env": { "WHO": id },
            "files": files,
        })
    };
    let trigger = |id: &str, route: &str| json!({ "id": id, "trigger_type": "http", "trigger_config": { "component": id, "route": route } });
    let application = json!({
        "spin_lock_version": 1,
        "metadata": { "name": "echoes" },
        "triggers": [trigger("one", "/one/..."), trigger("two", "/two/...")],
        "components": [
            component("one", json!([{ "digest": digest(b"page"), "path": "page.html" }])),
            component("two", json!([])),
        ],
    });
    let registry = Registry::start()?;
    registry.push(&[
        (registry::APPLICATION, application.to_string().into_bytes()),
        (registry::WASM, echo),
        (registry::ARCHIVE, registry::archive("page.html", b"page")?),
    ]);
    Ok(registry)
}

fn setup(registry: &Registry) -> Result<Setup> {
    let setup = Setup::new()?
        .application(&registry.reference())
        .flag("--insecure");
    let cache = setup.folder().join("cache").to_string_lossy().into_owned();
    Ok(setup.option("--cache-dir", &cache))
}

#[tokio::test]
async fn an_application_of_a_registry_runs() -> Result<()> {
    let registry = pushed()?;
    let server = setup(&registry)?.start().await?;
    for id in ["one", "two"] {
        let (status, answer) = server.get(&format!("/{id}/x")).await?;
        ensure!(
            status == 200 && answer.to_string().contains(id),
            "{status}: {answer}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn only_the_components_asked_for_run() -> Result<()> {
    let registry = pushed()?;
    let server = setup(&registry)?.option("--component-id", "two").start().await?;
    ensure!(server.get("/two/x").await?.0 == 200);
    ensure!(server.get("/one/x").await?.0 == 404, "it was left out");
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_told_with_a_cure() -> Result<()> {
    let registry = Registry::start()?;
    let setup = setup(&registry)?;
    let cases = [
        (registry.reference(), "is not in its registry", 69),
        ("no/such/application".to_owned(), "no reference to a registry", 64),
    ];
    for (from, told, code) in cases {
        let arguments = [
            "up",
            "--insecure",
            "--cache-dir",
            "cache",
            "--state",
            "state",
            "-f",
            &from,
        ];
        let finished = gyre(setup.folder(), &arguments).await?;
        ensure!(
            finished.code == code && finished.stderr.contains(told),
            "{finished:?}"
        );
        ensure!(finished.stderr.contains("hint: "), "{finished:?}");
    }
    Ok(())
}
