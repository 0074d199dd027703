//! Reading protocol buffers field by field, within bounds: what is not wanted is passed over, not read.

use std::io::{self, Read, Seek, SeekFrom};

use crate::OnnxError;

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const FIXED32: u64 = 5;

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// A whole number.
    Int(u64),
    /// Bytes, a text or a message, which ends here.
    Extent { end: u64 },
    /// Four or eight bytes, passed over.
    Fixed,
}

/// Where reading is.
pub(crate) struct Scan<R> {
    source: R,
    at: u64,
    length: u64,
}

impl<R: Read + Seek> Scan<R> {
    pub(crate) fn new(source: R, length: u64) -> Self {
        Self {
            source,
            at: 0,
            length,
        }
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The next field of the message that ends at `end`, with its number; none at its end.
    pub(crate) fn next(&mut self, end: u64) -> Result<Option<(u64, Field)>, OnnxError> {
        if self.at == end {
            return Ok(None);
        }
        let tag = self.varint(end)?;
        let field = match tag & 7 {
            VARINT => Field::Int(self.varint(end)?),
            FIXED64 => self.skip(8, end)?,
            FIXED32 => self.skip(4, end)?,
            BYTES => {
                let bytes = self.varint(end)?;
                Field::Extent {
                    end: self.reach(bytes, end)?,
                }
            }
            other => {
                return Err(OnnxError::malformed(format!("there is no wire type {other}")));
            }
        };
        Ok(Some((tag >> 3, field)))
    }

    /// Goes to the end of a field that is not wanted.
    pub(crate) fn pass(&mut self, field: Field) -> Result<(), OnnxError> {
        if let Field::Extent { end } = field
            && end > self.at
        {
            self.source.seek(SeekFrom::Start(end)).map_err(OnnxError::Io)?;
            self.at = end;
        }
        Ok(())
    }

    /// The text of the field.
    pub(crate) fn text(&mut self, field: Field, bytes_max: u64) -> Result<String, OnnxError> {
        let Field::Extent { end } = field else {
            return Err(OnnxError::malformed("a number stands where a text belongs"));
        };
        let bytes = end - self.at;
        if bytes > bytes_max {
            let message = format!("a text of {bytes} bytes is over the limit of {bytes_max}");
            return Err(OnnxError::malformed(message));
        }
        let mut text = vec![0; usize::try_from(bytes).unwrap_or_default()];
        self.fill(&mut text)?;
        String::from_utf8(text).map_err(|_| OnnxError::malformed("a text is not UTF-8"))
    }

    fn skip(&mut self, bytes: u64, end: u64) -> Result<Field, OnnxError> {
        let end = self.reach(bytes, end)?;
        self.pass(Field::Extent { end })?;
        Ok(Field::Fixed)
    }

    /// Where so many bytes from here end, within the message and the file.
    fn reach(&self, bytes: u64, end: u64) -> Result<u64, OnnxError> {
        let wanted = self.at.saturating_add(bytes);
        if wanted > self.length {
            let there = self.length;
            return Err(OnnxError::Truncated { wanted, there });
        }
        if wanted > end {
            return Err(OnnxError::malformed(
                "a field reaches over the end of its message",
            ));
        }
        Ok(wanted)
    }

    fn varint(&mut self, end: u64) -> Result<u64, OnnxError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            self.reach(1, end)?;
            let mut byte = [0];
            self.fill(&mut byte)?;
            number |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(OnnxError::malformed("a number has over ten bytes"))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), OnnxError> {
        let wanted = self.at + bytes.len() as u64;
        self.source.read_exact(bytes).map_err(|error| {
            // The file became shorter while it was read.
            if error.kind() == io::ErrorKind::UnexpectedEof {
                let there = self.length;
                return OnnxError::Truncated { wanted, there };
            }
            OnnxError::Io(error)
        })?;
        self.at = wanted;
        Ok(())
    }
}
