//! `gyre-forge status`.

use anyhow::Result;
use gyre_forge::phases::{State, status as look};

use crate::cli::StatusArgs;

pub(crate) fn status(args: &StatusArgs) -> Result<()> {
    let all = look(&args.work.work)?;
    if args.json.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if all.is_empty() {
        println!(
            "nothing was done in {}; `gyre-forge run` begins",
            args.work.work.display()
        );
    }
    for one in all {
        let folder = one
            .folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let told = match (one.state, one.seconds, one.told) {
            (State::Done, Some(seconds), Some(told)) => format!("done in {seconds:.1} s  {told}"),
            _ => "begun; `gyre-forge run` goes on".to_owned(),
        };
        println!("{folder:<40} {told}");
    }
    Ok(())
}
