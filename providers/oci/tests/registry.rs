//! Applications from a registry of the test's own: a small HTTP server that speaks what a pull needs.

use anyhow::{Context, Result, ensure};
use gyre_oci::{Error, Fetched, Pull};
use gyre_test_support::registry::{self, Registry, digest};
use serde_json::json;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const WASM: &[u8] = b"\0asm a component";
const LEAF: &[u8] = b"\0asm a leaf";
const PAGE: &[u8] = b"a page that was archived";

fn pull(cache: &Path) -> Pull {
    // What main does; the second test that comes here finds it done.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Pull {
        cache: cache.to_owned(),
        insecure: true,
        docker_config: None,
    }
}

/// Fetches `app:1.0`; counts the bytes told.
async fn fetch(pull: &Pull, registry: &Registry) -> Result<(PathBuf, Option<Fetched>), Error> {
    let mut last = None;
    let path = pull
        .run(&registry.reference(), |fetched| last = Some(fetched))
        .await?;
    Ok((path, last))
}

/// An application with a grant of each kind, a leaf, an inline file and an archived one.
fn application() -> serde_json::Value {
    json!({
        "spin_lock_version": 1,
        "must_understand": ["component_host_requirements"],
        "metadata": { "name": "app", "version": "1.0.0", "trigger": { "type": "http" }, "triggers": {} },
        "variables": { "key": { "secret": true }, "greeting": { "default": "hello" } },
        "triggers": [
            { "id": "t1", "trigger_type": "http", "trigger_config": { "component": "web", "route": "/...", "executor": null } },
            { "id": "t2", "trigger_type": "http", "trigger_config": { "component": "api", "route": { "private": true } } },
        ],
        "components": [
            {
                "id": "web",
                "metadata": { "allowed_outbound_hosts": ["http://api.spin.internal"], "key_value_stores": ["default"] },
                "source": { "content_type": "application/wasm", "digest": digest(WASM) },
                "env": { "MODE": "quiet" },
                "files": [
                    { "inline": "aW5saW5l", "path": "static/inline.txt" },
                    { "digest": digest(PAGE), "path": "static/page.html" },
                ],
                "config": { "greeting": "{{ greeting }}" },
                "dependencies": {
                    "gyre:inference": {
                        "source": { "content_type": "application/wasm", "digest": digest(LEAF) },
                        "export": null,
                        "inherit": { "Some": ["allowed_outbound_hosts"] },
                    },
                },
                "host_requirements": { "local_service_chaining": "required" },
            },
            {
                "id": "api",
                "metadata": { "databases": ["default"], "ai_models": ["tiny"] },
                "source": { "content_type": "application/wasm", "digest": digest(WASM) },
            },
        ],
    })
}

/// A registry with this application in it, as `spin registry push` leaves it.
/// The file of a component, which nothing has to be fetched for.
fn file(source: &gyre_manifest::Source) -> Result<&Path> {
    source.file().context("it is still to be fetched")
}

fn pushed(application: &serde_json::Value) -> Result<Registry> {
    let registry = Registry::start()?;
    let archive = registry::archive("page.html", PAGE)?;
    let layers = [
        (registry::APPLICATION, application.to_string().into_bytes()),
        (registry::WASM, WASM.to_vec()),
        (registry::WASM, LEAF.to_vec()),
        (registry::ARCHIVE, archive),
    ];
    registry.push(&layers);
    Ok(registry)
}

#[tokio::test]
async fn an_application_becomes_a_folder_that_any_manifest_reader_reads() -> Result<()> {
    let (cache, registry) = (TempDir::new()?, pushed(&application())?);
    let (path, fetched) = fetch(&pull(cache.path()), &registry).await?;
    let fetched = fetched.context("nothing was told")?;
    ensure!(
        fetched.bytes == fetched.bytes_all && fetched.bytes > 0,
        "{fetched:?}"
    );

    let app = gyre_manifest::load(&path, Some(gyre_manifest::PROFILE))?;
    ensure!(app.name == "app" && app.triggers.len() == 2, "{app:?}");
    ensure!(
        app.variables["key"].required && app.variables["key"].secret,
        "{app:?}"
    );
    let web = &app.components["web"];
    ensure!(std::fs::read(file(&web.source)?)? == WASM);
    ensure!(
        web.allowed_outbound_hosts == ["http://api.spin.internal"] && web.key_value_stores == ["default"]
    );
    ensure!(web.environment["MODE"] == "quiet" && web.variables["greeting"] == "{{ greeting }}");
    let leaf = &web.dependencies["gyre:inference"];
    ensure!(std::fs::read(file(&leaf.source)?)? == LEAF);
    ensure!(
        leaf.inherit
            .contains(gyre_manifest::Category::AllowedOutboundHosts)
    );
    ensure!(!leaf.inherit.contains(gyre_manifest::Category::KeyValueStores));
    let mount = &web.files[0];
    ensure!(mount.destination == "/" && std::fs::read(mount.source.join("static/page.html"))? == PAGE);
    ensure!(std::fs::read(mount.source.join("static/inline.txt"))? == b"inline");
    let api = &app.components["api"];
    ensure!(api.sqlite_databases == ["default"] && api.ai_models == ["tiny"] && api.files.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_was_fetched_is_not_fetched_again_unless_it_was_changed() -> Result<()> {
    let (cache, registry) = (TempDir::new()?, pushed(&application())?);
    let (first, _) = fetch(&pull(cache.path()), &registry).await?;
    let blobs = registry.blobs_served();
    let (second, fetched) = fetch(&pull(cache.path()), &registry).await?;
    ensure!(
        first == second && registry.blobs_served() == blobs,
        "it was fetched again"
    );
    ensure!(
        fetched.is_some_and(|it| it.bytes == it.bytes_all),
        "what is kept counts as come"
    );
    let kept = cache
        .path()
        .join("oci/sha256")
        .join(digest(LEAF).replace("sha256:", ""));
    // The folder of the application shares the file.
    std::fs::remove_file(&kept)?;
    std::fs::write(&kept, "changed")?;
    fetch(&pull(cache.path()), &registry).await?;
    ensure!(
        registry.blobs_served() == blobs + 1 && std::fs::read(kept)? == LEAF,
        "it was not mended"
    );
    Ok(())
}

#[tokio::test]
async fn a_part_that_is_not_what_its_digest_says_is_refused() -> Result<()> {
    let (cache, registry) = (TempDir::new()?, pushed(&application())?);
    registry.swap(&digest(WASM), b"\0asm another one");
    let error = fetch(&pull(cache.path()), &registry)
        .await
        .expect_err("is refused");
    ensure!(matches!(error, Error::Digest { .. }), "{error:?}");
    let apps = cache.path().join("oci/apps-1");
    ensure!(!apps.exists(), "an application was made of it");
    Ok(())
}

#[tokio::test]
async fn a_part_that_is_larger_than_it_says_is_refused() -> Result<()> {
    let (cache, registry) = (TempDir::new()?, pushed(&application())?);
    registry.swap(&digest(WASM), &[0; 100_000]);
    let error = fetch(&pull(cache.path()), &registry)
        .await
        .expect_err("is refused");
    ensure!(
        error.to_string().contains("larger than its manifest says"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn an_application_that_is_not_there_is_told() -> Result<()> {
    let (cache, registry) = (TempDir::new()?, Registry::start()?);
    let error = fetch(&pull(cache.path()), &registry)
        .await
        .expect_err("is not there");
    ensure!(
        matches!(error, Error::NotFound { .. }) && error.to_string().contains("spin registry push"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn a_registry_that_asks_who_it_is_gets_docker_s_credentials() -> Result<()> {
    let (cache, registry) = (TempDir::new()?, pushed(&application())?);
    registry.ask_for("user:hunter2");
    let mut pull = pull(cache.path());
    let error = fetch(&pull, &registry).await.expect_err("nobody is logged in");
    ensure!(matches!(error, Error::Refused { asked: false, .. }), "{error:?}");
    ensure!(error.to_string().contains("hint: `docker login`"), "{error}");

    let config = cache.path().join("config.json");
    pull.docker_config = Some(config.clone());
    let write = |auth: &str| {
        std::fs::write(
            &config,
            json!({ "auths": { registry.address(): { "auth": auth } } }).to_string(),
        )
    };
    write("dXNlcjp3cm9uZw==")?;
    let error = fetch(&pull, &registry).await.expect_err("a wrong password");
    ensure!(matches!(error, Error::Refused { asked: true, .. }), "{error:?}");
    ensure!(
        !format!("{error} {error:?}").contains("wrong"),
        "it tells the password: {error:?}"
    );
    write("dXNlcjpodW50ZXIy")?;
    fetch(&pull, &registry).await?;
    Ok(())
}

#[tokio::test]
async fn what_is_no_application_is_refused() -> Result<()> {
    let mut middleware = application();
    middleware["components"][0]["trigger_dependencies"] = json!({ "middleware": [] });
    let mut outside = application();
    outside["components"][0]["files"][0]["path"] = json!("../../outside");
    let mut unpushed = application();
    unpushed["components"][0]["source"]["digest"] = json!(digest(b"never pushed"));
    let mut odd = application();
    odd["components"][0]["id"] = json!("../web");
    let cases = [
        (json!({ "architecture": "amd64" }), "no Spin application"),
        (middleware, "middleware"),
        (outside, "leads out of its folder"),
        (unpushed, "was not pushed"),
        (odd, "no id for a component"),
    ];
    for (application, told) in cases {
        let (cache, registry) = (TempDir::new()?, pushed(&application)?);
        let error = fetch(&pull(cache.path()), &registry)
            .await
            .expect_err(told)
            .to_string();
        ensure!(error.contains(told) && error.contains("hint: "), "{error}");
        ensure!(!cache.path().join("outside").exists());
    }
    Ok(())
}

#[tokio::test]
async fn a_registry_that_cannot_be_reached_is_told() -> Result<()> {
    let cache = TempDir::new()?;
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let reference = format!("{address}/app:1.0");
    let error = pull(cache.path())
        .run(&reference, |_| {})
        .await
        .expect_err("nobody listens");
    ensure!(error.to_string().contains("cannot be reached"), "{error}");
    Ok(())
}
