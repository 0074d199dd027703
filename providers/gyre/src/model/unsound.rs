//! What is wrong with a file that is no model, and what it is instead.

use super::error::Error;
use gyre_gguf::GgufError;
use gyre_onnx::OnnxError;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Of a file that should be GGUF.
pub(super) fn gguf(path: &Path, error: GgufError) -> Error {
    match error {
        GgufError::Io(source) => Error::disk("read", path)(source),
        error @ GgufError::Truncated { .. } => cut(path, &error),
        error => {
            let what = disguise(path).map(|what| format!("it is no GGUF file but {what}"));
            let cure = match what {
                Some(_) => "fetch the GGUF file of the model",
                None => "fetch a GGUF file of version 3, for example with `gyre model pull`",
            };
            Error::Unsound {
                path: path.to_owned(),
                why: what.unwrap_or_else(|| error.to_string()),
                cure,
            }
        }
    }
}

/// Of a file that should be ONNX.
pub(super) fn onnx(path: &Path, error: OnnxError) -> Error {
    if let OnnxError::Io(source) = error {
        return Error::disk("read", path)(source);
    }
    if let Some(what) = disguise(path) {
        return Error::Unsound {
            path: path.to_owned(),
            why: format!("it is no ONNX file but {what}"),
            cure: "put the ONNX file of the model there",
        };
    }
    match error {
        error @ OnnxError::Truncated { .. } => cut(path, &error),
        error => Error::Unsound {
            path: path.to_owned(),
            why: error.to_string(),
            cure: "export the graph again as one ONNX file, with its weights in it",
        },
    }
}

fn cut(path: &Path, error: &dyn std::error::Error) -> Error {
    Error::Unsound {
        path: path.to_owned(),
        why: format!("{error}: the file was cut"),
        cure: "remove it and fetch it again; `gyre model pull` fetches GGUF files",
    }
}

/// What people often take for a model file.
fn disguise(path: &Path) -> Option<&'static str> {
    let mut begin = Vec::new();
    File::open(path).ok()?.take(64).read_to_end(&mut begin).ok()?;
    let is_gguf = begin.starts_with(b"GGUF");
    let begin = begin.to_ascii_lowercase();
    let starts = |with: &[u8]| begin.starts_with(with);
    if starts(b"version https://git-lfs") {
        return Some("a Git LFS pointer");
    }
    if starts(b"<!doctype") || starts(b"<html") {
        return Some("a web page");
    }
    if starts(b"pk\x03\x04") {
        return Some("a zip archive, perhaps of PyTorch");
    }
    if starts(b"ggml") || starts(b"ggjt") || starts(b"fmgg") || starts(b"tjgg") {
        return Some("of an older format that llama.cpp gave up");
    }
    if is_gguf && gyre_onnx::folder::is_onnx(path) {
        return Some("GGUF: let its name end in .gguf");
    }
    // safetensors: the length of a JSON object, then the object.
    (begin.get(8) == Some(&b'{')).then_some("safetensors")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::Facts;
    use crate::model::graph::Graph;

    fn told(error: &Error, expected: &str) {
        let error = error.to_string();
        assert!(error.contains(expected) && error.contains("; hint: "), "{error}");
    }

    #[test]
    fn a_bad_gguf_file_is_told_for_what_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("m.gguf");
        gyre_gguf::tiny::random_bert(1, &path).expect("a model");
        let good = std::fs::read(&path).expect("a model");
        let cases: [(&[u8], &str); 8] = [
            (b"", "the file was cut"),
            (&good[..good.len() / 2], "the file was cut"),
            (b"<!DOCTYPE html><p>", "a web page"),
            (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"),
            (b"PK\x03\x04....", "a zip archive"),
            (b"\x10\0\0\0\0\0\0\0{\"a\":", "safetensors"),
            (b"GGUF\x02\0\0\0", "its version is 2"),
            (b"some bytes", "does not begin with `GGUF`"),
        ];
        for (bytes, expected) in cases {
            std::fs::write(&path, bytes).expect("a file");
            told(&Facts::read(&path).expect_err("no model"), expected);
        }
    }

    #[test]
    fn a_bad_onnx_file_is_told_for_what_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("m.onnx");
        gyre_onnx::tiny::sum(&path).expect("a graph");
        let good = std::fs::read(&path).expect("a graph");
        let cases: [(&[u8], &str); 5] = [
            (&good[..good.len() / 2], "the file was cut"),
            (b"", "no version of ONNX and one graph"),
            (b"<!DOCTYPE html><p>", "a web page"),
            (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"),
            (b"GGUF\x03\0\0\0", "GGUF: let its name end in .gguf"),
        ];
        for (bytes, expected) in cases {
            std::fs::write(&path, bytes).expect("a file");
            told(&Graph::read(&path).expect_err("no graph"), expected);
        }
        std::fs::write(&path, &good).expect("a file");
        std::fs::write(gyre_onnx::folder::tokenizer_of(&path), "{}").expect("a file");
        told(
            &Graph::read(&path).expect_err("no encoder"),
            "a tokenizer lies beside it",
        );
        let gone = Graph::read(&folder.path().join("none.onnx")).expect_err("is not there");
        told(&gone, "cannot read");
    }
}
