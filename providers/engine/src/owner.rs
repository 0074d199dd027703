//! The thread that owns a model and its context.

use std::io;
use std::sync::Arc;

use gyre_engine_ipc::EngineError;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;

use crate::adapters::{self, Adapters};
use crate::catalog::{self, Entry};
use crate::drafting;
use crate::inbox::Inbox;
use crate::no_memory;
use crate::setup::{Job, Ready, Serve, Setup};
use crate::thread;

/// Starts the thread: it loads the model, then serves.
pub(crate) fn start<J: Job>(setup: Setup, inbox: Arc<Inbox<J>>, serve: Serve<J>) -> io::Result<()> {
    let (presence, counters) = (Arc::clone(&setup.presence), Arc::clone(&setup.counters));
    let name = setup.entry.info.name.clone();
    thread::start(name, inbox, presence, counters, move |inbox| {
        for other in &setup.after {
            other.wait();
        }
        let _watched = setup
            .vitals
            .watch(&setup.entry.info.name, &setup.counters, inbox.bell());
        let ready = load(&setup, inbox)?;
        serve(&setup, ready, inbox)
    })
}

fn load<J: Job>(setup: &Setup, inbox: &Arc<Inbox<J>>) -> Result<Ready, EngineError> {
    let watched = Arc::clone(inbox);
    let counters = Arc::clone(&setup.counters);
    counters.loading(std::fs::metadata(&setup.entry.path).map_or(0, |file| file.len()));
    let params = LlamaModelParams::default().with_progress_callback(move |fraction| {
        counters.beat();
        watched.loading().progress(fraction);
        true
    });
    let mut model = load_file(setup, &setup.entry, &params)?;
    let adapters = Adapters::load(&setup.entry, &mut model, &setup.adapters);
    let mut weights = model.size().saturating_add(adapters::bytes(&setup.adapters));
    let draft = match &setup.draft {
        Some(entry) => {
            let draft = load_file(setup, entry, &LlamaModelParams::default())?;
            drafting::check(&model, &draft).map_err(|reason| EngineError::ModelInvalid {
                file: catalog::file_name(&entry.path),
                reason: format!("it cannot write ahead for `{}`: {reason}", setup.entry.info.name),
            })?;
            weights = weights.saturating_add(draft.size());
            Some(draft)
        }
        None => None,
    };
    setup.counters.weights(weights);
    Ok(Ready {
        model,
        adapters,
        draft,
    })
}

fn load_file(setup: &Setup, entry: &Entry, params: &LlamaModelParams) -> Result<LlamaModel, EngineError> {
    let Entry { path, info, .. } = entry;
    let model = LlamaModel::load_from_file(&setup.backend, path, params);
    let model = model.map_err(|error| {
        tracing::error!(model = info.name, path = %path.display(), %error, "llama.cpp cannot load a model");
        let reason = format!(
            "llama.cpp cannot load it: its architecture `{}` may be unknown to this release, or tensors of it are \
             missing; the log of `gyre up` says which{}",
            info.architecture,
            no_memory::for_loading(&setup.args)
        );
        EngineError::ModelInvalid {
            file: catalog::file_name(path),
            reason,
        }
    })?;
    setup.counters.loaded(model.n_params());
    tracing::info!(model = info.name, bytes = model.size(), "a model is loaded");
    Ok(model)
}
