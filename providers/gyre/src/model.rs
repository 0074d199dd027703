//! `gyre model`: the model files of this machine, and the models of a running server.

mod error;
mod facts;
mod folder;
mod found;
mod graph;
mod inspect;
mod list;
mod pull;
mod remove;
mod render;
mod running;
mod unsound;

pub(crate) use error::Error;
pub(crate) use graph::Graph;

use crate::cli::{ModelArgs, ModelVerb};
use anyhow::Result;

/// Runs the verb.
pub(crate) async fn run(args: &ModelArgs) -> Result<()> {
    match &args.verb {
        ModelVerb::List(args) => list::run(args).await,
        ModelVerb::Inspect(args) => inspect::run(args),
        ModelVerb::Pull(args) => pull::run(args).await,
        ModelVerb::Remove(args) => remove::run(args),
        ModelVerb::Ps(args) => running::ps(args).await,
        ModelVerb::Load(args) => running::load(args).await,
        ModelVerb::Unload(args) => running::unload(args).await,
    }
}
