//! Starts that cannot work: the exit code, what failed and the cure.

use crate::expect::{alive, refused};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Finished, Setup, gyre, repository};

async fn start(arguments: &[String]) -> Result<Finished> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    gyre(&repository()?, &arguments).await
}

#[tokio::test]
async fn a_port_in_use() -> Result<()> {
    let server = Setup::new()?.start().await?;
    let setup = Setup::new()?;
    let mut arguments = setup.arguments();
    let listen = arguments
        .iter_mut()
        .find(|one| one.as_str() == "127.0.0.1:0")
        .context("no address")?;
    server.address().clone_into(listen);
    refused(&start(&arguments).await?, 98, server.address())?;
    alive(&server).await
}

#[tokio::test]
async fn a_leaf_that_is_not_granted_a_power() -> Result<()> {
    let grant = ", inherit_configuration = [\"sqlite_databases\"]";
    let setup = Setup::new()?.replace(grant, "")?;
    let line = "inherit_configuration = [\"sqlite_databases\"]";
    refused(&start(&setup.arguments()).await?, 64, line)
}

#[tokio::test]
async fn a_bad_manifest_is_told_by_its_key() -> Result<()> {
    let cases = [
        (
            "[component.gateway]",
            "[component.gateway]\ncolour = \"red\"",
            "colour",
        ),
        (
            "spin_manifest_version = 2",
            "spin_manifest_version = 9",
            "spin_manifest_version",
        ),
        ("gateway.wasm\"", "no-such-file.wasm\"", "no-such-file.wasm"),
        (
            "inherit_configuration = [\"ai_models\"]",
            "inherit_configuration = [\"ai_modles\"]",
            "ai_modles",
        ),
        ("[variables]", "[variables", "spin.toml"),
    ];
    for (part, by, said) in cases {
        let setup = Setup::new()?.replace(part, by)?;
        refused(&start(&setup.arguments()).await?, 64, said).with_context(|| by.to_owned())?;
    }
    let missing = ["up", "--from", "no/spin.toml"].map(str::to_owned);
    refused(&start(&missing).await?, 64, "no/spin.toml")
}

#[tokio::test]
async fn a_state_folder_that_cannot_be_written() -> Result<()> {
    let setup = Setup::new()?;
    // Under a file, not even root can make a folder.
    let under_a_file = setup.manifest().join("state");
    let mut arguments = setup.arguments();
    let state = arguments
        .iter()
        .position(|one| one == "--state")
        .context("no --state")?;
    arguments[state + 1] = under_a_file.to_string_lossy().into_owned();
    refused(&start(&arguments).await?, 73, "state")
}

#[tokio::test]
async fn arguments_that_make_no_sense() -> Result<()> {
    for arguments in [
        ["up", "--listen", "nowhere"],
        ["up", "--variable", "novalue"],
        ["up", "--log", "==="],
    ] {
        let finished = start(&arguments.map(str::to_owned)).await?;
        ensure!(finished.code == 2, "{arguments:?}: {finished:?}");
    }
    Ok(())
}
