//! What is not granted, not kept anywhere or not understood.

use super::{GRANTS, app, check, check_refused, configured};
use crate::expect::refused;
use anyhow::{Context, Result, ensure};
use gyre_test_support::{gyre, repository};
use serde_json::json;

#[tokio::test]
async fn what_is_not_granted_is_denied() -> Result<()> {
    let server = app("")?.start().await?;
    check_refused(
        &server,
        &[
            ("/key-value/default/get?a", "", "access denied"),
            ("/wasi-keyvalue/default/get?a", "", "access denied"),
            ("/sqlite/default", "SELECT 1", "access denied"),
            ("/variables/city", "", "undefined"),
        ],
    )
    .await?;
    check(
        &server,
        &[
            ("/wasi-config/city", "", json!(null)),
            ("/wasi-config", "", json!([])),
        ],
    )
    .await
}

#[tokio::test]
async fn a_label_that_nothing_keeps_stops_the_start() -> Result<()> {
    let cases = [
        ("key_value_stores = [\"cache\"]", "[key_value_store.cache]"),
        (
            "sqlite_databases = [\"default\", \"far\"]",
            "[sqlite_database.far]",
        ),
    ];
    for (grants, line) in cases {
        let setup = app(grants)?;
        let arguments = setup.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        refused(&gyre(&repository()?, &arguments).await?, 64, line)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_runtime_configuration_is_told_without_its_secrets() -> Result<()> {
    let cases = [
        ("colour = \"hunter3\"", "colour: unknown key"),
        ("log_dir = \"hunter3\"", "log_dir: not supported"),
        (
            "[key_value_store.a]\ntype = \"azure_cosmos\"\nkey = \"hunter3\"",
            "key_value_store.a.type",
        ),
        (
            "[key_value_store.a]\ntype = \"redis\"\nurl = \"redis://:hunter3@h:port\"",
            "key_value_store.a.url",
        ),
        (
            "[sqlite_database.a]\ntype = \"libsql\"\nurl = \"https://hunter3@\"\ntoken = \"\"",
            "sqlite_database.a",
        ),
        ("token = \"hunter3", "not valid TOML"),
    ];
    for (config, said) in cases {
        let setup = configured(GRANTS, config)?;
        let arguments = setup.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let finished = gyre(&repository()?, &arguments).await?;
        refused(&finished, 64, said).with_context(|| config.to_owned())?;
        ensure!(!finished.stderr.contains("hunter3"), "{}", finished.stderr);
    }
    Ok(())
}
