//! The worker's own wall, inside the host's: it reads models, controls graphics processors and computes.

use crate::args::Args;
use anyhow::{Context, Result};
use gyre_confine::{Mode, Network, Wall, gpu, libraries, machine};

/// Enters, where the host says so. What the kernel lacks the host has told already.
pub(crate) fn enter(args: &Args) -> Result<()> {
    if !args.confined {
        return Ok(());
    }
    wall(args).enter(Mode::Auto).context("the wall of the worker")?;
    Ok(())
}

/// It writes nowhere, starts nothing, opens no socket. Libraries of CUDA are loaded as they are needed.
fn wall(args: &Args) -> Wall {
    let (devices, driver_files) = gpu();
    let given = args.given.iter().map(|(_, path)| path.clone());
    let graphs = given.clone().filter(|path| gyre_onnx::folder::is_onnx(path));
    let graphs = graphs.chain(gyre_onnx::folder::files(&args.models).unwrap_or_default());
    let graphs = graphs.flat_map(|path| [gyre_onnx::folder::tokenizer_of(&path), path]);
    Wall {
        read: [libraries(), machine(), driver_files, vec![args.models.clone()]]
            .concat()
            .into_iter()
            .chain(given)
            .chain(crate::backends::folder())
            // Some may be links to elsewhere.
            .chain(gyre_gguf::folder::files(&args.models).unwrap_or_default())
            .chain(gyre_gguf::folder::adapter_files(&args.models).unwrap_or_default())
            .chain(graphs)
            .chain(args.onnxruntime.clone())
            .collect(),
        write: Vec::new(),
        execute: Vec::new(),
        devices,
        network: Network::Closed,
    }
}
