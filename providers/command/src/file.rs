//! The file: bytes, and what kind of WebAssembly they are.

use crate::error::{Cause, Error};
use std::path::Path;

/// Larger than any program seen; a file is read whole.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
const MAGIC: &[u8] = b"\0asm";
/// The fifth and sixth byte are the version, the next two the layer.
const HEADER_BYTES: usize = 8;

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: Kind,
}

/// The two forms of WebAssembly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Module,
    Component,
}

/// Reads a file; text is translated.
pub(crate) fn read(path: &Path) -> Result<Code, Error> {
    let refused = |cause| Error::file(path, cause);
    let length = path
        .metadata()
        .map_err(|source| refused(Cause::Unreadable(source)))?
        .len();
    if length > FILE_BYTES_MAX {
        return Err(refused(Cause::TooLarge {
            limit_bytes: FILE_BYTES_MAX,
        }));
    }
    let read = std::fs::read(path).map_err(|source| refused(Cause::Unreadable(source)))?;
    let bytes = translated(read).map_err(refused)?;
    let kind = kind_of(&bytes).ok_or_else(|| refused(Cause::NoWasm))?;
    Ok(Code { bytes, kind })
}

fn translated(bytes: Vec<u8>) -> Result<Vec<u8>, Cause> {
    if bytes.starts_with(MAGIC) {
        return Ok(bytes);
    }
    let looks_like_text = std::str::from_utf8(&bytes).is_ok_and(|text| text.contains('('));
    if !looks_like_text {
        return Err(Cause::NoWasm);
    }
    match wat::parse_bytes(&bytes) {
        Ok(binary) => Ok(binary.into_owned()),
        Err(error) => Err(Cause::Text(error.to_string())),
    }
}

fn kind_of(bytes: &[u8]) -> Option<Kind> {
    let header = bytes.get(..HEADER_BYTES)?;
    match [header[6], header[7]] {
        _ if !header.starts_with(MAGIC) => None,
        [0, 0] => Some(Kind::Module),
        [1, 0] => Some(Kind::Component),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(bytes: &[u8]) -> Result<Kind, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("program.wasm");
        std::fs::write(&path, bytes).expect("writes");
        read(&path)
            .map(|code| code.kind)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn kinds_are_told_apart_by_their_bytes() {
        let component = wat::parse_str("(component)").expect("a component");
        let module = wat::parse_str("(module)").expect("a module");
        let cases: [(&[u8], Result<Kind, &str>); 8] = [
            (&component, Ok(Kind::Component)),
            (&module, Ok(Kind::Module)),
            (b"(module)", Ok(Kind::Module)),
            (b"(component)", Ok(Kind::Component)),
            (b"(module", Err("text")),
            (b"", Err("no WebAssembly")),
            (b"\x7fELF\x02\x01\x01\x00(", Err("no WebAssembly")),
            (b"\0asm\x01", Err("no WebAssembly")),
        ];
        for (bytes, wanted) in cases {
            match (read_bytes(bytes), wanted) {
                (Ok(kind), Ok(wanted)) => assert_eq!(kind, wanted),
                (Err(message), Err(part)) => {
                    assert!(
                        message.contains(part) && message.contains("; hint: "),
                        "{message}"
                    );
                }
                (got, wanted) => panic!("{bytes:?}: {got:?} instead of {wanted:?}"),
            }
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = read(Path::new("no/such.wasm")).expect_err("is refused");
        assert!(error.to_string().contains("no/such.wasm"), "{error}");
    }
}
