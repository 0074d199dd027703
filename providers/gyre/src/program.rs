//! `gyre run FILE`: one program, with what the command line grants.

use crate::cli::{Given, ModelArg, RunArgs, RunFileArgs, name_of};
use crate::client;
use crate::exit::{Exit, Usage};
use crate::state::StateDir;
use crate::stop::StopSignal;
use anyhow::{Context, Result};
use gyre_capability_http::AllowedHosts;
use gyre_command::{Ended, Error, Grants, Limits, Program};
use gyre_engine_ipc::{Engine as Inference, EngineConfig, onnxruntime};

/// The worker's executable, installed beside this one.
const WORKER: &str = "gyre-engine";

/// Runs the verb: a program, or a question about runs.
pub(crate) async fn run(args: RunArgs) -> Result<Exit> {
    match args.verb {
        Some(verb) => client::run::run(&verb).await.map(|()| Exit::Ok),
        None => program(args.program).await,
    }
}

async fn program(args: RunFileArgs) -> Result<Exit> {
    let cure = "name a .wasm or .wat file, or ask for `gyre run list`";
    let file = args
        .file
        .clone()
        .ok_or_else(|| Usage::new("no program is named", cure))?;
    let state = StateDir::open(&args.state_dir()?)?;
    let mut stop = StopSignal::listen()?;
    let grants = grants(&args)?;
    let inference = grants.inference.clone();
    let program = Program {
        file,
        arguments: args.arguments,
        grants,
        limits: Limits {
            memory_bytes_max: args.memory_bytes_max,
            time_ms_max: args.timeout_ms,
        },
        cache_dir: Some(state.compiled()),
    };
    let ended = gyre_command::run(program, stop.received()).await;
    if let Some(inference) = inference {
        inference.shutdown().await;
    }
    match ended? {
        Ended::Exited(code) => Ok(Exit::Program(code)),
        Ended::Stopped => Ok(Exit::Interrupted),
    }
}

fn grants(args: &RunFileArgs) -> Result<Grants> {
    let cure = "write it as `https://host:port`";
    let allowed_hosts = AllowedHosts::parse(&args.hosts)
        .map_err(|error| Usage::new(format!("--allow-host: {error}"), cure))?;
    let (names, inference) = models(args)?;
    Ok(Grants {
        mounts: args.mounts.clone(),
        environment: args.environment.clone(),
        allowed_hosts,
        models: names.into(),
        inference,
    })
}

/// The names granted, and the worker that has them; without a model no worker is started.
fn models(args: &RunFileArgs) -> Result<(Vec<String>, Option<Inference>)> {
    if args.model.is_empty() {
        return Ok((Vec::new(), None));
    }
    let worker = std::env::current_exe()
        .context("cannot tell where this program is")?
        .with_file_name(WORKER);
    let mut config = EngineConfig::new(worker, args.folder.path()?);
    config.onnxruntime = onnxruntime::find();
    let mut names = Vec::new();
    for model in &args.model {
        let name = match model {
            ModelArg::Nothing => {
                let cure = "leave it out: a program has no model unless one is named";
                return Err(Usage::new("--model none names no model", cure).into());
            }
            ModelArg::Model(Given::Name(name)) => name.clone(),
            ModelArg::Model(Given::File(path)) => {
                let file_name = path.file_name().unwrap_or_default();
                let name = name_of(&file_name.to_string_lossy());
                let path = std::path::absolute(path).context("cannot tell where --model is")?;
                config.models.push((name.clone(), path));
                name
            }
        };
        if names.contains(&name) {
            let cure = "give each model once; a model is named as its file without .gguf or .onnx";
            return Err(Usage::new(format!("two models are named {name}"), cure).into());
        }
        names.push(name);
    }
    Ok((names, Some(Inference::start(config))))
}

/// The exit code of a program that did not run, or not to its end.
pub(crate) fn exit(error: &Error) -> Exit {
    match error {
        Error::File { .. } | Error::Mount { .. } => Exit::Config,
        Error::Model { .. } => Exit::Unavailable,
        Error::Engine(_) => Exit::Internal,
        Error::Trapped { .. } | Error::Timeout { .. } => Exit::Failed,
    }
}
