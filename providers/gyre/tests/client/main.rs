//! The client verbs as a user runs them, against a small server that answers from a script.

mod agent;
mod chat;
mod conversation;
mod fake;
mod hub;
mod ingest;
mod input;
mod model;
mod others;
mod pull;
mod records;
mod running;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a run of the program came to.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// `gyre` in a folder, with none of the user's settings.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gyre"));
    command
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in [
        "GYRE_ADMIN",
        "GYRE_URL",
        "GYRE_LISTEN",
        "GYRE_STATE",
        "GYRE_MODELS",
        "GYRE_LOG",
        "GYRE_LOG_FORMAT",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "HF_ENDPOINT",
        "HF_TOKEN",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs `gyre` in an empty folder.
fn gyre(args: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    command(folder.path(), args).output().expect("gyre runs").into()
}

/// An address where nobody listens.
fn nowhere() -> String {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}", socket.local_addr().expect("its address"))
}
