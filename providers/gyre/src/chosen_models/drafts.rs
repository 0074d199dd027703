//! The small models of `--draft`, which write ahead for models of `--model`: found and checked like those.

use super::error::ModelError;
use super::file::{self, Draft, LocalModel};
use crate::cli::DraftArg;
use crate::exit::Usage;
use anyhow::Result;
use gyre_engine_ipc::EngineConfig;
use gyre_gguf::{Gguf, Purpose};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Gives each model its draft, if it has one.
pub(super) fn assign(
    drafts: &[DraftArg],
    models: &mut [LocalModel],
    folder: &Path,
    config: &EngineConfig,
) -> Result<()> {
    for one in drafts {
        let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
        let given = names.join(", ");
        let Some(model) = models.iter_mut().find(|model| model.name == one.model) else {
            let what = match given.is_empty() {
                true => format!("--draft names the model `{}`, but no --model is given", one.model),
                false => format!(
                    "--draft names the model `{}`, which no --model gives (given: {given})",
                    one.model
                ),
            };
            let cure = "write --draft MODEL=DRAFT with the name that MODEL has by --model: that of its file, without .gguf";
            return Err(Usage::new(what, cure).into());
        };
        if model.draft.is_some() {
            let cure = "give each model one draft";
            return Err(Usage::new(format!("--draft is given twice for `{}`", one.model), cure).into());
        }
        model.draft = Some(check(one, model, folder, config)?);
    }
    Ok(())
}

/// The models that have a draft, with it.
pub(super) fn of(models: &[LocalModel]) -> impl Iterator<Item = (&LocalModel, &Draft)> {
    models
        .iter()
        .filter_map(|model| Some((model, model.draft.as_ref()?)))
}

/// A name must mean one file, whether it is a model's or a draft's.
pub(super) fn distinct(models: &[LocalModel]) -> Result<(), ModelError> {
    let named = models.iter().map(|model| (&model.name, &model.path));
    let mut by_name: BTreeMap<&String, &PathBuf> = named.collect();
    for (_, draft) in of(models) {
        match by_name.insert(&draft.name, &draft.path) {
            Some(other) if !same_file(other, &draft.path) => {
                return Err(ModelError::SameName {
                    name: draft.name.clone(),
                    one: other.clone(),
                    other: draft.path.clone(),
                });
            }
            _ => {}
        }
    }
    Ok(())
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

fn check(
    one: &DraftArg,
    model: &LocalModel,
    folder: &Path,
    config: &EngineConfig,
) -> Result<Draft, ModelError> {
    let (name, path) = file::locate(&one.draft, folder)?;
    let tokens_of =
        |path: &Path| Gguf::open_with_tokens(path).map_err(|error| ModelError::broken(path, error));
    let (large, small) = (tokens_of(&model.path)?, tokens_of(&path)?);
    let why = match same_file(&model.path, &path) {
        true => Some("it is the model itself".to_owned()),
        false => unfit(&large, &small),
    };
    if let Some(why) = why {
        return Err(ModelError::DraftUnfit {
            path,
            model: model.name.clone(),
            why,
        });
    }
    let tokens = file::context_tokens(&small, config, 1);
    Ok(Draft {
        bytes: file::file_bytes(&path)?.saturating_add(small.kv_bytes(tokens)),
        name,
        path,
    })
}

/// Why `small` cannot write ahead for `large`, as far as headers tell; the engine looks closer when it loads them.
fn unfit(large: &Gguf, small: &Gguf) -> Option<String> {
    match small.purpose() {
        Purpose::Embedding => return Some("it makes embeddings".to_owned()),
        Purpose::Ranking => return Some("it ranks passages".to_owned()),
        Purpose::Chat | Purpose::Base => {}
    }
    if small.parts() > 1 {
        return Some(format!("it is one of {} parts of a model", small.parts()));
    }
    let (ours, its) = (large.tokens()?, small.tokens()?);
    if ours.len() != its.len() {
        return Some(format!(
            "its vocabulary has {} tokens, and that of the model {}",
            its.len(),
            ours.len()
        ));
    }
    (ours != its).then(|| "its vocabulary is another than the model's".to_owned())
}
