//! What is asked: an argument, or stdin.

use crate::exit::Usage;
use anyhow::{Context, Result};
use std::io::Read as _;

/// The server refuses larger requests; the client says so before it sends one.
pub(super) const INPUT_BYTES_MAX: usize = 256 * 1024;

/// The input itself, or stdin for `-`.
pub(super) fn read(given: &str) -> Result<String> {
    let input = if given == "-" { stdin()? } else { given.to_owned() };
    check(&input)?;
    Ok(input)
}

/// Whether the server would take it.
pub(super) fn check(input: &str) -> Result<()> {
    if input.trim().is_empty() {
        return Err(Usage::new(
            "the input is empty",
            "ask something, or give it on stdin with `-`",
        )
        .into());
    }
    if input.len() > INPUT_BYTES_MAX {
        let what = format!("the input is larger than {INPUT_BYTES_MAX} bytes");
        return Err(Usage::new(what, "ask less, and give documents with `gyre ingest`").into());
    }
    Ok(())
}

fn stdin() -> Result<String> {
    let mut bytes = Vec::new();
    // One byte more than is taken, so that too much is noticed.
    std::io::stdin()
        .take(INPUT_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .context("cannot read stdin")?;
    if bytes.len() > INPUT_BYTES_MAX {
        // Cut in the middle of a character or not: it is refused for its size.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes)
        .map_err(|_| Usage::new("the input is not UTF-8", "convert it, for example with iconv").into())
}
