//! A document's digest: equal documents need no second ingest.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::split::{self, MediaType};

/// SHA-256 over how the document is split and what it says, as hexadecimal digits.
#[must_use]
pub fn digest(media_type: MediaType, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(split::VERSION.to_le_bytes());
    hash.update([media_type as u8]);
    hash.update(text.as_bytes());
    hash.finalize()
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_texts_and_types_apart() {
        let one = digest(MediaType::Plain, "a");
        assert_eq!(one.len(), 64);
        assert_eq!(one, digest(MediaType::Plain, "a"));
        assert_ne!(one, digest(MediaType::Plain, "b"));
        assert_ne!(one, digest(MediaType::Markdown, "a"));
    }
}
