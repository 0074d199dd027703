//! The persona file of `gyre agent create`. What is in it is for the server to judge.

use crate::exit::Usage;
use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The server takes no larger one.
const PERSONA_BYTES_MAX: u64 = 64 * 1024;
const CURE: &str = "`gyre agent show NAME --json` shows the persona of a created agent";

/// Reads a JSON object from the file, or from stdin for `-`.
pub(super) fn read(file: &Path) -> Result<Map<String, Value>> {
    if file.as_os_str() == "-" {
        return parse(std::io::stdin().lock()).context("stdin");
    }
    let name = || file.display().to_string();
    let opened = File::open(file)
        .with_context(|| format!("cannot read {}; hint: name a persona file", file.display()));
    parse(opened?).with_context(name)
}

fn parse(source: impl Read) -> Result<Map<String, Value>> {
    let mut bytes = Vec::new();
    // One byte more than is taken, so that too much is noticed.
    let read = source.take(PERSONA_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.context("cannot be read; hint: name a persona file")?;
    if bytes.len() as u64 > PERSONA_BYTES_MAX {
        let what = format!("the persona is larger than {PERSONA_BYTES_MAX} bytes");
        return Err(Usage::new(what, "say less, and give documents with `gyre ingest`").into());
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| Usage::new(format!("the persona is no JSON object: {error}"), CURE).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_json_object_is_a_persona() {
        assert_eq!(parse(&br#"{"id":"a"}"#[..]).expect("an object")["id"], "a");
        let large = vec![b' '; PERSONA_BYTES_MAX as usize + 1];
        for (bad, expected) in [
            (&b""[..], "no JSON object"),
            (b"[]", "no JSON object"),
            (b"{\"id\": }", "line 1"),
            (&large, "larger than"),
        ] {
            let error = parse(bad).expect_err("refused");
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
