//! The models of the engine, for whoever operates the host: listed, loaded, taken out of memory.

use super::answer::{self, Answer};
use crate::App;
use gyre_engine_ipc::{Engine, EngineError, ModelInfo, ModelStats};
use http::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a call waits for a model: then it says how far it is, and whoever waits asks again.
const WAIT: Duration = Duration::from_secs(1);
const NO_ENGINE: &str =
    "start it with a component that may use models, without `--model none`, and with gyre-engine beside it";

/// What is to be done with a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// It is to take calls.
    Load,
    /// Its memory is to be free.
    Unload,
}

/// The model and verb of a path below `/models/`.
pub(super) fn asked(path: &str) -> Option<(&str, Verb)> {
    let (model, verb) = path.strip_prefix("/models/")?.split_once('/')?;
    match verb {
        "load" => Some((model, Verb::Load)),
        "unload" => Some((model, Verb::Unload)),
        _ => None,
    }
}

/// All models there are, and what those in memory take and do.
pub(super) async fn list(app: &App) -> Answer {
    let Some(engine) = app.inference() else {
        return no_engine();
    };
    let known = async { Ok((engine.models().await?, engine.stats().await?)) };
    match known.await {
        Ok((models, stats)) => {
            let models = models.iter().map(|model| {
                let stats = stats.iter().find(|stats| stats.model == model.name);
                told(model, stats)
            });
            answer::json(StatusCode::OK, &json!({ "models": models.collect::<Vec<_>>() }))
        }
        Err(error) => refused(&error),
    }
}

/// Does it, or says how far it is.
pub(super) async fn run(app: &App, model: &str, verb: Verb) -> Answer {
    match app.inference() {
        Some(engine) if verb == Verb::Load => load(engine, model).await,
        Some(engine) => unload(engine, model).await,
        None => no_engine(),
    }
}

async fn load(engine: &Engine, model: &str) -> Answer {
    let mut progress = None;
    // To stop waiting does not stop the loading.
    let loaded = tokio::time::timeout(WAIT, engine.load(model, |fraction| progress = Some(fraction))).await;
    match loaded {
        Ok(Ok(())) => state(StatusCode::OK, model, "loaded", None),
        Ok(Err(error)) => refused(&error),
        Err(_elapsed) => state(StatusCode::ACCEPTED, model, "loading", progress),
    }
}

/// A model ends with the calls it has, and takes no more.
async fn unload(engine: &Engine, model: &str) -> Answer {
    match tokio::time::timeout(WAIT, engine.unload(model)).await {
        Ok(Ok(())) => state(StatusCode::OK, model, "unloaded", None),
        Ok(Err(error)) => refused(&error),
        Err(_elapsed) => state(StatusCode::ACCEPTED, model, "unloading", None),
    }
}

fn state(status: StatusCode, model: &str, state: &str, progress: Option<f32>) -> Answer {
    answer::json(
        status,
        &json!({ "name": model, "state": state, "progress": progress }),
    )
}

fn told(model: &ModelInfo, stats: Option<&ModelStats>) -> Value {
    let abilities = [
        ("chat", model.chat),
        ("embedding", model.embedding),
        ("rerank", model.rerank),
        ("graph", model.graph),
    ];
    let abilities = abilities.iter().filter(|(_, able)| *able).map(|(name, _)| *name);
    let memory = stats.map(|stats| {
        json!({
            "total_bytes": stats.memory.total(),
            "weights_bytes": stats.memory.weights,
            "kv_bytes": stats.memory.kv,
            "compute_bytes": stats.memory.compute,
        })
    });
    json!({
        "name": model.name,
        "architecture": model.architecture,
        "abilities": abilities.collect::<Vec<_>>(),
        // Null of one that is not in memory, nor being loaded.
        "memory": memory,
        "running": stats.map(|stats| stats.sequences_live),
        "queued": stats.map(|stats| stats.queued),
    })
}

fn no_engine() -> Answer {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    answer::problem(
        status,
        "no-engine",
        "this host runs no inference engine",
        NO_ENGINE,
    )
}

fn refused(error: &EngineError) -> Answer {
    answer::problem(status_of(error), error.kind(), &error.to_string(), &error.hint())
}

fn status_of(error: &EngineError) -> StatusCode {
    match error {
        EngineError::ModelNotFound { .. } | EngineError::AdapterNotFound { .. } => StatusCode::NOT_FOUND,
        EngineError::ModelInvalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        EngineError::Invalid { .. }
        | EngineError::ContextTooLong { .. }
        | EngineError::BudgetExhausted { .. } => StatusCode::BAD_REQUEST,
        EngineError::OutOfMemory { .. }
        | EngineError::TooManyModels { .. }
        | EngineError::Overloaded { .. }
        | EngineError::NoMemory { .. }
        | EngineError::NoOnnxRuntime { .. }
        | EngineError::WorkerDied { .. } => StatusCode::SERVICE_UNAVAILABLE,
        EngineError::DeadlineExceeded | EngineError::Cancelled | EngineError::Internal { .. } => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_a_model_and_a_verb() {
        let cases = [
            ("/models/talk/load", Some(("talk", Verb::Load))),
            ("/models/a.b-c/unload", Some(("a.b-c", Verb::Unload))),
            ("/models/talk", None),
            ("/models/talk/pull", None),
            ("/models/talk/load/", None),
            ("/other/talk/load", None),
        ];
        for (path, expected) in cases {
            assert_eq!(asked(path), expected, "{path}");
        }
    }

    #[test]
    fn what_is_missing_wrong_and_too_large_is_told_apart() {
        let large = EngineError::OutOfMemory {
            model: "m".to_owned(),
            need_bytes: 2,
            limit_bytes: 1,
            held_bytes: 0,
        };
        let missing = EngineError::ModelNotFound {
            model: "m".to_owned(),
            available: Vec::new(),
        };
        for (error, status) in [(large, 503), (missing, 404), (EngineError::invalid("x"), 400)] {
            assert_eq!(refused(&error).status().as_u16(), status, "{error}");
        }
    }
}
