//! The chat models of `gyre up --model` or of the manifest, and their drafts: found, checked and granted before anything listens.

mod default;
mod drafts;
mod error;
mod file;
mod folder;
mod load;
mod memory;
mod size;

pub(crate) use default::named as defaults;
pub(crate) use error::ModelError;
pub(crate) use file::LocalModel;
pub(crate) use folder::chat_models;
pub(crate) use load::load;

use crate::cli::{EngineArgs, Given, ModelArg};
use crate::exit::Usage;
use anyhow::Result;
use gyre_engine_ipc::EngineConfig;
use gyre_manifest::App as Manifest;
use std::collections::BTreeMap;
use std::path::Path;

/// The variable that names the model which answers when a request names none.
const CHAT_MODEL: &str = "chat_model";

/// Which models run.
#[derive(Debug)]
pub(crate) enum Choice {
    /// The command line names none, and of those that the manifest would have in their place none is there.
    Unsaid,
    /// `--model none`: no model runs, not for embeddings either.
    NoModel,
    /// These, each checked; the first answers unless told otherwise.
    Local(Vec<LocalModel>),
}

/// Finds and checks the models given, or those of `defaults` (see [`defaults`]) that are there. Nothing is loaded by this.
pub(crate) fn choose(args: &EngineArgs, defaults: &[String]) -> Result<Choice> {
    let folder = args.folder.path()?;
    let config = args.config(Path::new(""), &folder);
    let given = match &args.model[..] {
        [] => default::there(defaults, &folder),
        [ModelArg::Nothing] => Vec::new(),
        several => several.iter().map(model).collect::<Result<_>>()?,
    };
    if given.is_empty() {
        drafts::assign(&args.drafts, &mut [], &folder, &config)?;
        return Ok(match args.model.is_empty() {
            true => Choice::Unsaid,
            false => Choice::NoModel,
        });
    }
    let mut models = given
        .iter()
        .map(|given| file::check(given, &folder, &config))
        .collect::<Result<Vec<_>, _>>()?;
    distinct(&models)?;
    drafts::assign(&args.drafts, &mut models, &folder, &config)?;
    drafts::distinct(&models)?;
    memory::check(&models, gyre_engine_ipc::memory::free(), &config)?;
    Ok(Choice::Local(models))
}

impl Choice {
    /// The models, if some were given.
    pub(crate) fn models(&self) -> &[LocalModel] {
        match self {
            Self::Local(models) => models,
            Self::Unsaid | Self::NoModel => &[],
        }
    }

    /// Grants the models to the components whose manifest asks for that.
    pub(crate) fn grant(&self, manifest: &mut Manifest) -> Result<(), ModelError> {
        if self.models().is_empty() {
            return Ok(());
        }
        let mut granted = false;
        for component in manifest.components.values_mut() {
            if component.local_models {
                granted = true;
                let names = self.models().iter().map(|model| &model.name);
                let names: Vec<_> = names
                    .filter(|name| !component.ai_models.contains(name))
                    .cloned()
                    .collect();
                component.ai_models.extend(names);
            }
        }
        if granted {
            Ok(())
        } else {
            Err(ModelError::NotGranted)
        }
    }

    /// Makes the first model the one that answers, unless the command line names another.
    pub(crate) fn name_default(&self, manifest: &Manifest, variables: &mut BTreeMap<String, String>) {
        if let Some(first) = self.models().first()
            && manifest.variables.contains_key(CHAT_MODEL)
        {
            variables
                .entry(CHAT_MODEL.to_owned())
                .or_insert_with(|| first.name.clone());
        }
    }

    /// Tells the worker where the models are, and which to have loaded at all times.
    pub(crate) fn configure(&self, config: &mut EngineConfig) {
        for model in self.models() {
            config.models.push((model.name.clone(), model.path.clone()));
            config.reload.push(model.name.clone());
        }
        for (model, draft) in drafts::of(self.models()) {
            config.drafts.push((model.name.clone(), draft.name.clone()));
            if config.models.iter().all(|(name, _)| *name != draft.name) {
                config.models.push((draft.name.clone(), draft.path.clone()));
            }
        }
    }
}

/// What one of several `--model` names.
fn model(one: &ModelArg) -> Result<Given> {
    match one {
        ModelArg::Model(given) => Ok(given.clone()),
        ModelArg::Nothing => {
            let cure = "give `--model none` alone, or leave it out";
            Err(Usage::new("--model none is given with another --model", cure).into())
        }
    }
}

fn distinct(models: &[LocalModel]) -> Result<(), ModelError> {
    let mut by_name = BTreeMap::new();
    for model in models {
        if let Some(other) = by_name.insert(&model.name, &model.path) {
            return Err(ModelError::SameName {
                name: model.name.clone(),
                one: other.clone(),
                other: model.path.clone(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
