//! Layers that hold many files, as a compressed archive (tar, gzip).
//!
//! The application names each of its files by digest, so an archive's own names, links and modes do not matter: each file in
//! it becomes a file of the cache, and no name of an archive ever becomes a path.

use crate::Error;
use crate::blobs::Blobs;
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

const BLOCK_BYTES: usize = 512;
/// All files of an archive together.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;
const FILE_BYTES_MAX: u64 = 1 << 30;
const ENTRIES_MAX: u32 = 100_000;

/// Adds each file of an archive to the cache.
pub(crate) fn unpack(archive: &Path, blobs: &Blobs) -> Result<(), Error> {
    let broken = |source| Error::Cache {
        what: "unpack",
        path: archive.to_owned(),
        source,
    };
    let file = File::open(archive).map_err(broken)?;
    let mut input = GzDecoder::new(io::BufReader::new(file)).take(UNPACKED_BYTES_MAX);
    for _ in 0..ENTRIES_MAX {
        let Some(header) = Header::read(&mut input).map_err(broken)? else {
            return Ok(());
        };
        let body = header.body(&mut input).map_err(broken)?;
        if let Some(bytes) = body {
            blobs.add(&bytes)?;
        }
    }
    Err(Error::TooLarge {
        what: "an archive of files".to_owned(),
        bytes_max: UNPACKED_BYTES_MAX,
    })
}

/// What stands before each entry.
struct Header {
    bytes: u64,
    is_file: bool,
}

impl Header {
    /// The next, or `None` at the end, which is a block of zeros.
    fn read(input: &mut impl Read) -> io::Result<Option<Self>> {
        let mut block = [0; BLOCK_BYTES];
        input.read_exact(&mut block)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        if number(&block[148..156])? != checksum(&block) {
            return Err(invalid("a header has a wrong checksum"));
        }
        let bytes = number(&block[124..136])?;
        if bytes > FILE_BYTES_MAX {
            return Err(invalid("an entry is too large"));
        }
        Ok(Some(Self {
            bytes,
            is_file: matches!(block[156], b'0' | 0 | b'7'),
        }))
    }

    /// What the entry holds, if it is a file; anything else is passed over.
    fn body(&self, input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
        let padded = self.bytes.next_multiple_of(BLOCK_BYTES as u64);
        let mut entry = input.take(padded);
        if !self.is_file {
            let passed = io::copy(&mut entry, &mut io::sink())?;
            return whole(passed == padded).map(|()| None);
        }
        let mut bytes = Vec::new();
        let read = entry.read_to_end(&mut bytes)?;
        whole(read as u64 == padded)?;
        bytes.truncate(usize::try_from(self.bytes).unwrap_or(usize::MAX));
        Ok(Some(bytes))
    }
}

fn whole(whole: bool) -> io::Result<()> {
    whole.then_some(()).ok_or_else(|| invalid("it is cut off"))
}

/// Octal digits, with spaces around them and a zero after them.
fn number(field: &[u8]) -> io::Result<u64> {
    let text = std::str::from_utf8(field).map_err(|_| invalid("a number is none"))?;
    let digits = text.trim_matches(|c| c == ' ' || c == '\0');
    if digits.is_empty() {
        return Ok(0);
    }
    u64::from_str_radix(digits, 8).map_err(|_| invalid("a number is none"))
}

/// The sum of a header's bytes, the sum itself taken as spaces.
fn checksum(block: &[u8; BLOCK_BYTES]) -> u64 {
    let byte = |(at, byte): (usize, &u8)| {
        if (148..156).contains(&at) {
            u64::from(b' ')
        } else {
            u64::from(*byte)
        }
    };
    block.iter().enumerate().map(byte).sum()
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::digest_of_bytes;
    use std::io::Write as _;

    fn entry(name: &str, kind: u8, body: &[u8]) -> Vec<u8> {
        let mut header = [0; BLOCK_BYTES];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", body.len()).as_bytes());
        header[156] = kind;
        let sum = checksum(&header);
        header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        header[155] = b' ';
        let mut entry = header.to_vec();
        entry.extend_from_slice(body);
        entry.resize(entry.len().next_multiple_of(BLOCK_BYTES), 0);
        entry
    }

    fn packed(tar: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(tar).expect("packs");
        file.write_all(&gzip.finish().expect("packs")).expect("writes");
        file
    }

    #[test]
    fn files_are_added_and_all_else_is_passed_over() {
        let cache = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(cache.path()).expect("opens");
        let tar = [
            entry("folder/", b'5', b""),
            entry("../../etc/passwd", b'0', b"page"),
            entry("link", b'2', b""),
            entry("long name", b'L', b"a name"),
            entry("empty", b'0', b""),
            entry("large", b'0', &[7; 1000]),
            vec![0; 2 * BLOCK_BYTES],
        ]
        .concat();
        unpack(packed(&tar).path(), &blobs).expect("unpacks");
        for body in [&b"page"[..], b"", &[7; 1000]] {
            assert!(blobs.find(&digest_of_bytes(body)).is_some());
        }
        assert!(blobs.find(&digest_of_bytes(b"a name")).is_none());
    }

    #[test]
    fn a_broken_archive_is_refused() {
        let cache = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(cache.path()).expect("opens");
        let whole = entry("file", b'0', &[1; 2000]);
        let mut wrong = whole.clone();
        wrong[0] ^= 1;
        for tar in [&whole[..1000], &wrong, &whole] {
            assert!(
                matches!(unpack(packed(tar).path(), &blobs), Err(Error::Cache { .. })),
                "cut, wrong, or without an end"
            );
        }
    }
}
