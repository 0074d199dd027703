//! How documents are put into requests.

use super::document::Document;

/// Documents in a request.
const BATCH_DOCUMENTS_MAX: usize = 16;
/// Bytes of JSON in a request of several documents. One by itself may be larger by what JSON escapes.
const BATCH_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The JSON around the documents, and around its text in each.
const FRAME_BYTES: usize = 64;

/// Collects documents until a request is full.
#[derive(Debug, Default)]
pub(super) struct Batcher {
    documents: Vec<Document>,
    bytes: usize,
}

impl Batcher {
    /// Adds a document; returns those before it when it no longer fits with them.
    pub(super) fn add(&mut self, document: Document) -> Option<Vec<Document>> {
        let bytes = encoded_bytes(&document.text) + encoded_bytes(&document.source) + FRAME_BYTES;
        let is_full =
            self.documents.len() == BATCH_DOCUMENTS_MAX || self.bytes + bytes + FRAME_BYTES > BATCH_BYTES_MAX;
        let full = if is_full { self.finish() } else { None };
        self.documents.push(document);
        self.bytes += bytes;
        full
    }

    /// The documents that are left.
    pub(super) fn finish(&mut self) -> Option<Vec<Document>> {
        self.bytes = 0;
        Some(std::mem::take(&mut self.documents)).filter(|documents| !documents.is_empty())
    }
}

/// Length of a JSON string as serde_json writes it.
fn encoded_bytes(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0x00..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(escaped).sum::<usize>() + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(texts: &[usize]) -> Vec<usize> {
        let mut batcher = Batcher::default();
        let document = |bytes| Document {
            source: "a".into(),
            media_type: "text/plain",
            text: "a".repeat(bytes),
        };
        let mut batches: Vec<_> = texts
            .iter()
            .filter_map(|bytes| batcher.add(document(*bytes)))
            .collect();
        batches.extend(batcher.finish());
        for batch in batches.iter().filter(|batch| batch.len() > 1) {
            let body = serde_json::to_vec(&super::super::Request { documents: batch }).expect("JSON");
            assert!(body.len() <= BATCH_BYTES_MAX, "{} bytes", body.len());
        }
        batches.iter().map(Vec::len).collect()
    }

    #[test]
    fn batches_are_bounded_by_number_and_size() {
        const MIB: usize = 1024 * 1024;
        let cases: [(&[usize], &[usize]); 6] = [
            (&[], &[]),
            (&[1], &[1]),
            (&[10; 16], &[16]),
            (&[10; 33], &[16, 16, 1]),
            (&[MIB, MIB, 10], &[1, 2]),
            (&[10, 2 * MIB, 10], &[1, 1, 1]),
        ];
        for (given, expected) in cases {
            assert_eq!(sizes(given), expected, "{given:?}");
        }
    }

    #[test]
    fn a_batch_holds_what_just_fits() {
        let half = BATCH_BYTES_MAX / 2 - 2 * FRAME_BYTES;
        assert_eq!(sizes(&[half, half]), [2]);
    }

    #[test]
    fn encoded_length_is_what_serde_json_writes() {
        for text in [
            "",
            "plain",
            "a\"b\\c\n\r\t\u{8}\u{c}",
            "\u{1}\u{1f}\u{7f}",
            "é語😀/",
        ] {
            assert_eq!(
                encoded_bytes(text),
                serde_json::to_string(text).expect("JSON").len(),
                "{text:?}"
            );
        }
    }
}
