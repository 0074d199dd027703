//! `gyre model remove`.

use super::error::Error;
use super::folder;
use crate::cli::ModelRemoveArgs;
use crate::client::print;
use anyhow::Result;
use gyre_onnx::folder::tokenizer_of;
use std::io::ErrorKind;
use std::path::Path;

/// Runs the verb. A server that runs the model keeps it until it ends.
pub(super) fn run(args: &ModelRemoveArgs) -> Result<()> {
    let path = folder::find(&args.folder.path()?, &args.name)?;
    std::fs::remove_file(&path).map_err(Error::disk("remove", &path))?;
    if gyre_onnx::folder::is_onnx(&path) {
        remove_tokenizer(&tokenizer_of(&path))?;
    }
    Ok(print(&format!("removed {}\n", args.name))?)
}

/// It is of no use without its graph, and would make another of that name something else.
fn remove_tokenizer(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::disk("remove", path)(error)),
        _ => Ok(()),
    }
}
