//! Reading forward: everything is checked against the file's length before memory is taken.

use std::io::{self, Read};

use crate::GgufError;

const ENTRIES_MAX: u64 = 64 * 1024;

/// Where reading is.
pub(super) struct Cursor<R> {
    pub(super) source: R,
    pub(super) at: u64,
    pub(super) length: u64,
    /// Whether the texts of the vocabulary are wanted.
    pub(super) keep_tokens: bool,
}

impl<R: Read> Cursor<R> {
    fn claim(&mut self, bytes: u64) -> Result<(), GgufError> {
        let end = self
            .at
            .checked_add(bytes)
            .ok_or_else(|| GgufError::malformed("a length overflows"))?;
        if end > self.length {
            return Err(GgufError::Truncated {
                wanted: end,
                there: self.length,
            });
        }
        self.at = end;
        Ok(())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], GgufError> {
        self.claim(N as u64)?;
        let mut bytes = [0; N];
        self.source
            .read_exact(&mut bytes)
            .map_err(|error| self.cut(error))?;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, GgufError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, GgufError> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn count(&mut self) -> Result<u64, GgufError> {
        let count = self.u64()?;
        if count > ENTRIES_MAX {
            return Err(GgufError::malformed(format!(
                "{count} entries are over the limit of {ENTRIES_MAX}"
            )));
        }
        Ok(count)
    }

    pub(super) fn string(&mut self, bytes_max: u64) -> Result<String, GgufError> {
        let bytes = self.u64()?;
        if bytes > bytes_max {
            return Err(GgufError::malformed(format!(
                "a text of {bytes} bytes is over the limit of {bytes_max}"
            )));
        }
        self.claim(bytes)?;
        let mut text =
            vec![0; usize::try_from(bytes).map_err(|_| GgufError::malformed("a text is too long"))?];
        self.source
            .read_exact(&mut text)
            .map_err(|error| self.cut(error))?;
        String::from_utf8(text).map_err(|_| GgufError::malformed("a text is not UTF-8"))
    }

    pub(super) fn skip(&mut self, bytes: u64) -> Result<(), GgufError> {
        self.claim(bytes)?;
        let skipped = io::copy(&mut self.source.by_ref().take(bytes), &mut io::sink());
        match skipped.map_err(GgufError::Io)? {
            there if there == bytes => Ok(()),
            there => Err(GgufError::Truncated {
                wanted: self.at,
                there: self.at - bytes + there,
            }),
        }
    }

    /// The file became shorter while it was read.
    fn cut(&self, error: io::Error) -> GgufError {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return GgufError::Truncated {
                wanted: self.at,
                there: self.length,
            };
        }
        GgufError::Io(error)
    }
}
