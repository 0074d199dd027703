//! SHA-256 in hexadecimal digits.

use std::{fmt::Write as _, fs::File, io, path::Path};

use sha2::{Digest as _, Sha256};

/// The digest of bytes that come in pieces.
#[derive(Default)]
pub(crate) struct Hash(Sha256);

impl Hash {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn hex(self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.0.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The digest of a file.
pub(crate) fn of_file(path: &Path) -> io::Result<String> {
    let mut hash = Hash::default();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(hash.hex())
}
