//! `gyre model inspect`: one file, looked at closely.

use super::facts::Facts;
use super::graph::Graph;
use super::{folder, render};
use crate::cli::ModelInspectArgs;
use crate::client::{print, print_json};
use crate::text::printable;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Runs the verb.
pub(super) fn run(args: &ModelInspectArgs) -> Result<()> {
    let given = &args.model;
    let path = if folder::is_path(given) {
        PathBuf::from(given)
    } else {
        folder::find(&args.folder.path()?, given)?
    };
    if gyre_onnx::folder::is_onnx(&path) {
        return graph(args, &path);
    }
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

fn graph(args: &ModelInspectArgs, path: &Path) -> Result<()> {
    let graph = Graph::read(path)?;
    anyhow::ensure!(
        !args.template,
        "{} is a graph of tensors, which has no chat template; hint: take a model that chats",
        graph.name
    );
    if args.json {
        return print_json(&graph);
    }
    Ok(print(&render::graph(&graph))?)
}
