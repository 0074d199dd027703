//! `gyre run FILE`: one program, with what the command line grants and nothing else.

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Finished, guests, gyre, host};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What the fixture ends with: it says 3, and WASI 0.2 knows only success and failure. Core modules say any code.
const EXIT: i32 = 1;
/// A core module that embeds a text through `wasi_ephemeral_nn`, written by hand: the crate `wasi-nn` is for
/// wasm32-wasip1, which not every machine has. `{name}` is the model's, `{floats}` what its vector has.
const EMBED: &str = include_str!("program/embed.wat");

fn fixture(name: &str) -> Result<String> {
    let file = guests()?.join(name);
    let cure = "hint: `cargo xtask test` builds what only tests run";
    ensure!(file.is_file(), "{} is not there; {cure}", file.display());
    Ok(file.to_string_lossy().into_owned())
}

/// `gyre run` in a folder, with its own state there.
async fn run(folder: &TempDir, words: &[&str]) -> Result<Finished> {
    let split = words.iter().position(|word| *word == "--").unwrap_or(words.len());
    let (options, arguments) = words.split_at(split);
    let words = [&["run"][..], options, &["--state", "state"], arguments].concat();
    gyre(folder.path(), &words).await
}

async fn command(folder: &TempDir, options: &[&str], arguments: &[&str]) -> Result<Finished> {
    let file = fixture("fixture-command.wasm")?;
    run(
        folder,
        &[&[file.as_str()][..], options, &["--"], arguments].concat(),
    )
    .await
}

/// What the fixture printed, when it ended as it should.
fn said(finished: &Finished) -> Result<Value> {
    ensure!(finished.code == EXIT, "{finished:?}");
    let said = finished.json()?;
    ensure!(said["fixture"] == "command", "{said}");
    Ok(said)
}

fn folder() -> Result<TempDir> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    std::fs::create_dir(folder.path().join("data"))?;
    std::fs::write(folder.path().join("data/in.txt"), "what is in it")?;
    Ok(folder)
}

#[tokio::test]
async fn a_command_gets_its_arguments_and_its_exit_code_is_ours() -> Result<()> {
    let folder = folder()?;
    let options = ["--env", "LEVEL=2", "--dir", "data::/data"];
    let said = said(&command(&folder, &options, &["read", "/data/in.txt", "--flag"]).await?)?;
    ensure!(
        said["arguments"] == json!(["read", "/data/in.txt", "--flag"]),
        "{said}"
    );
    ensure!(said["environment"] == json!({ "LEVEL": "2" }), "{said}");
    ensure!(said["done"]["ok"] == "what is in it", "{said}");
    Ok(())
}

#[tokio::test]
async fn what_is_not_granted_is_denied() -> Result<()> {
    let folder = folder()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let cases: [(&[&str], &[&str]); 4] = [
        (&[], &["read", "/data/in.txt"]),
        (&["--dir", "data::/data"], &["read", "/data/../in.txt"]),
        (&["--dir", "data::/data"], &["write", "/data/out.txt"]),
        (&["--allow-host", "http://127.0.0.1:*"], &["connect", &address]),
    ];
    for (options, arguments) in cases {
        let said = said(&command(&folder, options, arguments).await?)?;
        ensure!(said["done"]["error"].is_string(), "{arguments:?}: {said}");
        ensure!(said["environment"] == json!({}), "{said}");
    }
    ensure!(!folder.path().join("data/out.txt").exists(), "it wrote");
    let said = said(&command(&folder, &["--dir", "data::/data:rw"], &["write", "/data/out.txt"]).await?)?;
    ensure!(
        said["done"]["ok"].is_string() && folder.path().join("data/out.txt").is_file(),
        "{said}"
    );
    Ok(())
}

#[tokio::test]
async fn a_trap_says_what_and_where() -> Result<()> {
    let folder = folder()?;
    let trapped = command(&folder, &[], &["trap"]).await?;
    ensure!(
        trapped.code == 1 && trapped.stderr.contains("trapped: "),
        "{trapped:?}"
    );
    ensure!(
        trapped.stderr.contains("unreachable") && trapped.stderr.contains("\n    in "),
        "{trapped:?}"
    );
    Ok(())
}

#[tokio::test]
async fn limits_end_what_goes_on() -> Result<()> {
    let folder = folder()?;
    let started = Instant::now();
    let spun = command(&folder, &["--timeout-ms", "1000"], &["spin"]).await?;
    ensure!(spun.code == 1 && spun.stderr.contains("--timeout-ms"), "{spun:?}");
    ensure!(
        started.elapsed() < Duration::from_secs(40),
        "{:?}",
        started.elapsed()
    );
    let grown = command(&folder, &["--memory-bytes-max", "16777216"], &["grow"]).await?;
    ensure!(
        grown.code == 1 && grown.stderr.contains("--memory-bytes-max"),
        "{grown:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_program_is_interactive_and_ctrl_c_ends_it() -> Result<()> {
    let folder = folder()?;
    let file = fixture("fixture-command.wasm")?;
    let start = |word: &str| {
        Command::new(host()?)
            .args(["run", &file, "--state", "state", "--", word])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start gyre")
    };
    let mut child = start("echo")?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    stdin.write_all(b"hello").await?;
    drop(stdin);
    let output = tokio::time::timeout(Duration::from_secs(60), child.wait_with_output()).await??;
    let said: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(said["done"]["ok"] == "hello", "{said}");
    let mut child = start("spin")?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let pid = child.id().context("it ended by itself")?.to_string();
    Command::new("kill").args(["-INT", &pid]).status().await?;
    let status = tokio::time::timeout(Duration::from_secs(20), child.wait()).await??;
    ensure!(status.code() == Some(130), "{status:?}");
    Ok(())
}

#[tokio::test]
async fn a_command_of_wasi_0_3_runs() -> Result<()> {
    let folder = folder()?;
    let file = fixture("fixture_command_p3.wasm")?;
    let done = run(&folder, &[&file]).await?;
    ensure!(
        done.code == 0 && done.stdout == "fixture command-p3\n",
        "{done:?}"
    );
    let failed = run(&folder, &[&file, "--", "x"]).await?;
    ensure!(
        failed.code == 1 && failed.stdout == "fixture command-p3\n",
        "{failed:?}"
    );
    Ok(())
}

fn write(folder: &TempDir, name: &str, text: &str) -> Result<()> {
    std::fs::write(folder.path().join(name), text).context("cannot write a module")
}

#[tokio::test]
async fn a_core_module_embeds_with_a_model_it_is_granted() -> Result<()> {
    let folder = folder()?;
    let models = folder.path().join("models");
    std::fs::create_dir(&models)?;
    gyre_gguf::tiny::random_bert(3, &models.join("tiny-bert.gguf"))?;
    write(&folder, "embed.wat", &EMBED.replace("{name}", "tiny-bert"))?;
    let done = run(
        &folder,
        &["embed.wat", "--model", "tiny-bert", "--models", "models"],
    )
    .await?;
    ensure!(done.code == 0, "{done:?}");
    let usage = done.json()?;
    ensure!(
        usage["model"] == "tiny-bert" && usage["prompt_tokens"].as_u64() > Some(0),
        "{usage}"
    );
    // Without the grant the module sees an error code, and the user the option to give.
    let denied = run(&folder, &["embed.wat", "--models", "models"]).await?;
    ensure!(denied.code == 10 + 6, "unsupported-operation is 6: {denied:?}");
    ensure!(denied.stderr.contains("--model tiny-bert"), "{denied:?}");
    let missing = run(&folder, &["embed.wat", "--model", "nosuch", "--models", "models"]).await?;
    ensure!(
        missing.code == 69 && missing.stderr.contains("nosuch"),
        "{missing:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_core_module_that_gives_a_bad_pointer_only_ends_itself() -> Result<()> {
    let folder = folder()?;
    let far = EMBED
        .replace("{name}", "tiny-bert")
        .replace("(i32.const 1024) (; name ;)", "(i32.const -16)");
    write(&folder, "far.wat", &far)?;
    let ended = run(&folder, &["far.wat"]).await?;
    ensure!(
        ended.code == 1 && ended.stderr.contains("pointer outside its memory"),
        "{ended:?}"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_no_program_is_refused_with_a_cure() -> Result<()> {
    let folder = folder()?;
    write(&folder, "library.wat", "(module (func (export \"f\")))")?;
    write(
        &folder,
        "foreign.wat",
        "(module (import \"env\" \"f\" (func)) (func (export \"_start\")))",
    )?;
    write(&folder, "broken.wat", "(module")?;
    write(&folder, "text.wasm", "hello")?;
    let service = fixture("gateway.wasm")?;
    let cases: [(&[&str], i32, &str); 10] = [
        (&["nosuch.wasm"], 64, "nosuch.wasm"),
        (&["library.wat"], 64, "_start"),
        (&["foreign.wat"], 64, "env"),
        (&["broken.wat"], 64, "text"),
        (&["text.wasm"], 64, "no WebAssembly"),
        (&[&service], 64, "gyre up"),
        (&["nosuch"], 2, "list"),
        (&["library.wat", "--dir", "data"], 2, "HOST::GUEST"),
        (&["library.wat", "--allow-host", "nowhere"], 2, "--allow-host"),
        (&["library.wat", "--model", "none"], 2, "--model none"),
    ];
    for (words, code, part) in cases {
        let refused = run(&folder, words).await?;
        ensure!(
            refused.code == code && refused.stderr.contains(part),
            "{words:?}: {refused:?}"
        );
        ensure!(
            refused.stderr.contains("hint: ") || code == 2,
            "{words:?}: {refused:?}"
        );
    }
    let mount = fixture("fixture-command.wasm")?;
    let refused = run(&folder, &[&mount, "--dir", "nowhere::/x"]).await?;
    ensure!(
        refused.code == 64 && refused.stderr.contains("nowhere"),
        "{refused:?}"
    );
    Ok(())
}
