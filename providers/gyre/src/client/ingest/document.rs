//! A file as a document, or why it is none.

use super::found::Found;
use serde::Serialize;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Largest document.
pub(super) const DOCUMENT_BYTES_MAX: u64 = 2 * 1024 * 1024;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What is sent.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Document {
    /// Its name.
    pub(super) source: String,
    /// What it is written in.
    pub(super) media_type: &'static str,
    /// The document.
    pub(super) text: String,
}

/// Why a file is not sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is no document; nothing went wrong.
    NoDocument(String),
    /// It could not be read.
    Broken(String),
}

/// The media type of a document, by the end of its name.
pub(super) fn media_type(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "md" | "markdown" => Some("text/markdown"),
        "txt" => Some("text/plain"),
        "html" | "htm" => Some("text/html"),
        _ => None,
    }
}

/// Reads a document, no further than its limit.
pub(super) fn read(found: &Found) -> Result<Document, Unfit> {
    let broken = |error: std::io::Error| Unfit::Broken(format!("cannot be read: {error}"));
    let file = File::open(&found.path).map_err(broken)?;
    let mut bytes = Vec::new();
    // One byte more than is taken, so that too much is noticed.
    file.take(DOCUMENT_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(broken)?;
    Ok(Document {
        source: found.source.clone(),
        media_type: found.media_type,
        text: text(bytes)?,
    })
}

fn text(bytes: Vec<u8>) -> Result<String, Unfit> {
    let none = |reason: &str| Err(Unfit::NoDocument(reason.to_owned()));
    if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
        return none("larger than 2 MiB; split it");
    }
    if bytes.contains(&0) {
        return none("binary");
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            return none(&format!(
                "not UTF-8 at byte {at}; convert it, for example with iconv"
            ));
        }
    };
    if text.trim().is_empty() {
        return none("empty");
    }
    Ok(text
        .strip_prefix(BYTE_ORDER_MARK)
        .map(str::to_owned)
        .unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_becomes_a_document() {
        let large = vec![b'a'; usize::try_from(DOCUMENT_BYTES_MAX).expect("it fits") + 1];
        let cases: [(&[u8], Result<&str, &str>); 7] = [
            (b"text\r\n", Ok("text\r\n")),
            ("\u{feff}text".as_bytes(), Ok("text")),
            (b" \n", Err("empty")),
            (b"", Err("empty")),
            (b"a\0b", Err("binary")),
            (
                b"ab\xff",
                Err("not UTF-8 at byte 2; convert it, for example with iconv"),
            ),
            (&large, Err("larger than 2 MiB; split it")),
        ];
        for (given, expected) in cases {
            let expected = expected
                .map(str::to_owned)
                .map_err(|reason| Unfit::NoDocument(reason.to_owned()));
            assert_eq!(text(given.to_vec()), expected);
        }
    }

    #[test]
    fn the_name_tells_the_media_type() {
        let cases = [
            ("a.md", Some("text/markdown")),
            ("a.MARKDOWN", Some("text/markdown")),
            ("a.b.txt", Some("text/plain")),
            ("a.htm", Some("text/html")),
            ("a.html", Some("text/html")),
            ("a.rs", None),
            ("md", None),
        ];
        for (given, expected) in cases {
            assert_eq!(media_type(Path::new(given)), expected, "{given}");
        }
    }
}
