//! Stores, databases and variables by every interface, in files, in memory and kept by servers; and what denies them.

mod kept;
mod refused;
mod values;

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::Value;

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "stores"
[variables]
city = { default = "Basel" }
greeting = { default = "hello" }
password = { required = true, secret = true }
[[trigger.http]]
route = "/..."
component = "stores"
[component.stores]
source = "{guests}/fixture_stores.wasm"
"#;
const GRANTS: &str = r#"
key_value_stores = ["default"]
sqlite_databases = ["default"]
variables = { city = "{{ city }}", message = "{{ greeting }} {{ password }}" }
"#;

/// The fixture with these grants.
fn app(grants: &str) -> Result<Setup> {
    Setup::app(&format!("{APP}{grants}")).map(|setup| setup.variable("password", "hunter2"))
}

/// The fixture with these grants and this runtime configuration, in which `{folder}` is a folder of the test's own.
fn configured(grants: &str, config: &str) -> Result<Setup> {
    let setup = app(grants)?;
    let file = setup.folder().join("runtime-config.toml");
    let config = config.replace("{folder}", &setup.folder().to_string_lossy());
    std::fs::write(&file, config).context("cannot write the runtime configuration")?;
    let file = file.to_string_lossy().into_owned();
    Ok(setup.option("--runtime-config-file", &file))
}

/// What a route of the fixture tells.
async fn told(server: &Server, path: &str, body: &str) -> Result<Value> {
    let request = server.http().post(server.url(path)).body(body.to_owned());
    let answer = request.send().await.with_context(|| server.stderr())?;
    let text = answer.text().await?;
    let answer: Value = serde_json::from_str(&text).with_context(|| format!("{path}: {text}"))?;
    ensure!(answer["fixture"] == "stores", "{path}: {answer}");
    Ok(answer)
}

/// Asks each route in turn; each must tell this value.
async fn check(server: &Server, cases: &[(&str, &str, Value)]) -> Result<()> {
    for (path, body, expected) in cases {
        let answer = told(server, path, body).await?;
        ensure!(
            answer["value"] == *expected,
            "{path}: {answer} instead of {expected}"
        );
    }
    Ok(())
}

/// Asks each route in turn; each must tell an error with this text.
async fn check_refused(server: &Server, cases: &[(&str, &str, &str)]) -> Result<()> {
    for (path, body, expected) in cases {
        let answer = told(server, path, body).await?;
        let error = answer["error"]
            .as_str()
            .with_context(|| format!("{path}: {answer}"))?;
        ensure!(error.contains(expected), "{path}: {error} instead of {expected}");
    }
    Ok(())
}
