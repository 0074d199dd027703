//! `gyre model remove`.

use super::error::Error;
use super::folder;
use crate::cli::ModelRemoveArgs;
use crate::client::print;
use anyhow::Result;

/// Runs the verb. A server that runs the model keeps it until it ends.
pub(super) fn run(args: &ModelRemoveArgs) -> Result<()> {
    let path = folder::find(&args.folder.path()?, &args.name)?;
    std::fs::remove_file(&path).map_err(Error::disk("remove", &path))?;
    Ok(print(&format!("removed {}\n", args.name))?)
}
