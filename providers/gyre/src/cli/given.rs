//! One `--model`, as written.

use gyre_gguf::folder::NAME_BYTES_MAX;
use std::path::PathBuf;
use std::str::FromStr;

/// How the files of models end.
const SUFFIXES: [&str; 2] = [".gguf", ".onnx"];
/// What a file is called of whose name nothing is left.
const NAMELESS: &str = "model";

/// The value of one `--model`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModelArg {
    /// No model at all: `none`.
    Nothing,
    /// A model.
    Model(Given),
}

/// What names a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    /// A file.
    File(PathBuf),
    /// A model of the models folder.
    Name(String),
}

impl FromStr for ModelArg {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        if given == "none" {
            return Ok(Self::Nothing);
        }
        if given.contains('/') || SUFFIXES.iter().any(|suffix| given.ends_with(suffix)) {
            return Ok(Self::Model(Given::File(PathBuf::from(given))));
        }
        if given == name_of(given) {
            return Ok(Self::Model(Given::Name(given.to_owned())));
        }
        Err(
            "give a path that ends in .gguf or has a `/`, the name of a model in the models folder, or none"
                .to_owned(),
        )
    }
}

/// The name of a model by its file's name: harmless characters only, as the engine takes them.
pub(crate) fn name_of(file_name: &str) -> String {
    let mut stems = SUFFIXES
        .iter()
        .filter_map(|suffix| file_name.strip_suffix(suffix));
    let stem = stems.next().unwrap_or(file_name);
    let harmless = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = stem
        .trim_start_matches('.')
        .chars()
        .map(harmless)
        .take(NAME_BYTES_MAX)
        .collect();
    if name.is_empty() {
        NAMELESS.to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_names_and_none_are_told_apart() {
        let file = |path: &str| Ok(ModelArg::Model(Given::File(PathBuf::from(path))));
        let cases = [
            ("none", Ok(ModelArg::Nothing)),
            (
                "qwen3-0.6b",
                Ok(ModelArg::Model(Given::Name("qwen3-0.6b".to_owned()))),
            ),
            ("qwen3.gguf", file("qwen3.gguf")),
            ("./qwen3", file("./qwen3")),
            ("sum.onnx", file("sum.onnx")),
            ("/m/My Model.gguf", file("/m/My Model.gguf")),
        ];
        for (given, expected) in cases {
            assert_eq!(given.parse(), expected, "{given}");
        }
        for given in ["", "my model", ".hidden", "ä", "a\\b"] {
            assert!(given.parse::<ModelArg>().is_err(), "{given}");
        }
    }

    #[test]
    fn names_of_files_are_harmless() {
        let cases = [
            ("Qwen3-0.6B-Q8_0.gguf", "Qwen3-0.6B-Q8_0"),
            ("my model (1).gguf", "my-model--1-"),
            (".hidden.gguf", "hidden"),
            ("sum.onnx", "sum"),
            ("....gguf", NAMELESS),
            ("plain", "plain"),
            ("ü.gguf", "-"),
        ];
        for (file, name) in cases {
            assert_eq!(name_of(file), name, "{file}");
        }
        assert_eq!(name_of(&"x".repeat(500)).len(), NAME_BYTES_MAX);
    }
}
