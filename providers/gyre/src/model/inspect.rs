//! `gyre model inspect`: one file, looked at closely.

use super::facts::Facts;
use super::{folder, render};
use crate::cli::ModelInspectArgs;
use crate::client::{print, print_json};
use crate::text::printable;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// Runs the verb.
pub(super) fn run(args: &ModelInspectArgs) -> Result<()> {
    let given = &args.model;
    let path = if given.contains('/') || given.ends_with(".gguf") {
        PathBuf::from(given)
    } else {
        folder::find(&args.folder.path()?, given)?
    };
    let (facts, gguf) = Facts::read(&path)?;
    if args.template {
        let template = gguf.chat_template().with_context(|| {
            format!(
                "{} has no chat template; hint: take a model that chats",
                facts.name
            )
        })?;
        return Ok(print(&format!("{}\n", printable(template.trim_end())))?);
    }
    if args.json {
        return print_json(&facts);
    }
    Ok(print(&render::details(&facts))?)
}
