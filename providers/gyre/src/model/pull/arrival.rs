//! Checks of what came, before it becomes a model.

use super::hub::Came;
use super::meter::Meter;
use crate::model::error::Error;
use crate::model::facts::Facts;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

const CHUNK_BYTES: usize = 1 << 20;
/// The hub names large files by their SHA-256.
const DIGEST_CHARS: usize = 64;

/// Size, digest where the hub tells it, and the format. What is refused is removed.
pub(super) fn check(came: &Came, meter: &Meter) -> Result<(), Error> {
    let checked = all(came, meter);
    if checked.is_err() {
        // What went wrong with the file is worth more than what goes wrong with its removal.
        let _ = std::fs::remove_file(&came.blob);
    }
    checked
}

fn all(came: &Came, meter: &Meter) -> Result<(), Error> {
    let data = std::fs::metadata(&came.blob).map_err(Error::disk("read", &came.blob))?;
    if data.len() != came.size {
        let what = format!("{} bytes came, the hub has {}", data.len(), came.size);
        return Err(Error::Damaged { what });
    }
    if let Some(expected) = digest_of(&came.etag)
        && digest(&came.blob, meter)? != expected
    {
        let what = "what came is damaged: its SHA-256 is not what the hub says".to_owned();
        return Err(Error::Damaged { what });
    }
    match Facts::read(&came.blob) {
        Ok(_) => Ok(()),
        Err(Error::Unsound { why, .. }) => Err(Error::Damaged {
            what: format!("what the hub has is no model: {why}"),
        }),
        Err(error) => Err(error),
    }
}

fn digest_of(etag: &str) -> Option<String> {
    let is_digest = etag.len() == DIGEST_CHARS && etag.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| etag.to_ascii_lowercase())
}

fn digest(path: &Path, meter: &Meter) -> Result<String, Error> {
    let mut file = File::open(path).map_err(Error::disk("read", path))?;
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = file.read(&mut chunk).map_err(Error::disk("read", path))?;
        if read == 0 {
            break;
        }
        digest.update(&chunk[..read]);
        meter.note_moved(read);
    }
    let mut hex = String::with_capacity(DIGEST_CHARS);
    for byte in digest.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
}
