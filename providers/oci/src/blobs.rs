//! What was fetched, kept by its digest.

use crate::Error;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The only kind of digest that is kept.
const ALGORITHM: &str = "sha256:";
const DIGITS: usize = 64;
const BUFFER_BYTES: usize = 64 * 1024;

/// A folder of files that are named by what they hold.
pub(crate) struct Blobs(PathBuf);

impl Blobs {
    /// Makes the folder where it is missing.
    pub(crate) fn open(cache: &Path) -> Result<Self, Error> {
        let folder = cache.join("oci").join("sha256");
        std::fs::create_dir_all(&folder).map_err(|source| failed("make", &folder, source))?;
        Ok(Self(folder))
    }

    /// The file with this digest, if it is there and whole.
    pub(crate) fn find(&self, digest: &str) -> Option<PathBuf> {
        let path = self.0.join(digits(digest)?);
        let whole = File::open(&path).and_then(digest_of);
        (whole.ok()? == digest).then_some(path)
    }

    /// A file to write what was fetched into, in the same folder, so that it can be renamed.
    pub(crate) fn begin(&self) -> Result<tempfile::NamedTempFile, Error> {
        tempfile::NamedTempFile::new_in(&self.0).map_err(|source| failed("write into", &self.0, source))
    }

    /// Keeps what was written, if it has this digest; `false` where it has not.
    pub(crate) fn keep(&self, written: tempfile::NamedTempFile, digest: &str) -> Result<bool, Error> {
        let failed = |source| failed("write into", &self.0, source);
        let is = written.reopen().and_then(digest_of).map_err(failed)?;
        let Some(digits) = digits(digest).filter(|_| is == digest) else {
            return Ok(false);
        };
        written
            .persist(self.0.join(digits))
            .map_err(|error| failed(error.error))?;
        Ok(true)
    }

    /// Keeps bytes by whatever digest they have.
    pub(crate) fn add(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut file = self.begin()?;
        file.write_all(bytes)
            .map_err(|source| failed("write into", &self.0, source))?;
        self.keep(file, &digest_of_bytes(bytes)).map(drop)
    }
}

fn failed(what: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Cache {
        what,
        path: path.to_owned(),
        source,
    }
}

/// The digits of a digest, which are a harmless name for a file.
fn digits(digest: &str) -> Option<&str> {
    let digits = digest.strip_prefix(ALGORITHM)?;
    let hexadecimal = digits
        .bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (hexadecimal && digits.len() == DIGITS).then_some(digits)
}

/// Whether a digest is one that can be kept and checked.
pub(crate) fn is_digest(digest: &str) -> bool {
    digits(digest).is_some()
}

pub(crate) fn digest_of_bytes(bytes: &[u8]) -> String {
    named(Sha256::digest(bytes).as_slice())
}

fn digest_of(mut file: File) -> io::Result<String> {
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; BUFFER_BYTES]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(named(hasher.finalize().as_slice())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn named(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(ALGORITHM.to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_by_its_digest_and_only_while_it_is_whole() {
        let cache = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(cache.path()).expect("opens");
        let digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(digest_of_bytes(b"hello"), digest);
        assert_eq!(blobs.find(digest), None);
        blobs.add(b"hello").expect("keeps");
        let path = blobs.find(digest).expect("is there");
        std::fs::write(path, "help!").expect("writes");
        assert_eq!(blobs.find(digest), None, "changed");
    }

    #[test]
    fn what_has_another_digest_is_not_kept() {
        let cache = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(cache.path()).expect("opens");
        let file = blobs.begin().expect("a file");
        let wrong = format!("sha256:{}", "0".repeat(64));
        assert!(!blobs.keep(file, &wrong).expect("tells"));
        assert_eq!(blobs.find(&wrong), None);
    }

    #[test]
    fn digests_are_harmless_names() {
        let cases = ["sha512:00", "sha256:../../x", "sha256:ABC", "sha256:", ""];
        for digest in cases {
            assert!(!is_digest(digest), "{digest}");
        }
    }
}
