//! Writing protocol buffers: the few kinds of fields that ONNX has.

const VARINT: u64 = 0;
const BYTES: u64 = 2;
const FIXED32: u64 = 5;

/// A message under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    pub(crate) fn int(&mut self, field: u64, number: i64) -> &mut Self {
        self.varint(field << 3 | VARINT);
        // Negative numbers take ten bytes, as the format says.
        self.varint(number.cast_unsigned());
        self
    }

    pub(crate) fn float(&mut self, field: u64, number: f32) -> &mut Self {
        self.varint(field << 3 | FIXED32);
        self.0.extend(number.to_le_bytes());
        self
    }

    pub(crate) fn text(&mut self, field: u64, text: &str) -> &mut Self {
        self.bytes(field, text.as_bytes())
    }

    pub(crate) fn message(&mut self, field: u64, message: &Self) -> &mut Self {
        self.bytes(field, &message.0)
    }

    pub(crate) fn bytes(&mut self, field: u64, bytes: &[u8]) -> &mut Self {
        self.varint(field << 3 | BYTES);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_as_the_format_has_them() {
        let mut inner = Message::default();
        inner.int(1, 150);
        let mut message = Message::default();
        message
            .message(3, &inner)
            .text(2, "testing")
            .float(4, 1.0)
            .int(1, -1);
        assert_eq!(inner.as_bytes(), [0x08, 0x96, 0x01]);
        let expected = [
            &[0x1a, 3, 0x08, 0x96, 0x01][..],
            &[0x12, 7],
            b"testing",
            &[0x25, 0, 0, 0x80, 0x3f],
            &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        ];
        assert_eq!(message.as_bytes(), expected.concat());
    }
}
