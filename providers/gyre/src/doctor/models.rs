//! Checks of the models folder, and of the models given.

use super::Check;
use crate::chosen_models::{Choice, choose};
use crate::cli::EngineArgs;
use crate::model::Graph;
use gyre_gguf::{Gguf, Purpose, folder};
use std::path::Path;

const NAME: &str = "models";

/// One check for the folder, and one for each model file that cannot be a model.
pub(super) fn check(models: &Path) -> Vec<Check> {
    let cure = "`cargo xtask up` fetches the default; without a model retrieval is by words only";
    let files = match folder::files(models) {
        Ok(files) => files,
        Err(error) => return vec![Check::warn(NAME, format!("{}: {error}", models.display()), cure)],
    };
    let (good, bad): (Vec<_>, Vec<_>) = files
        .into_iter()
        .map(|file| (Gguf::open(&file).map(|model| model.purpose()), file))
        .partition(|(h, _)| h.is_ok());
    let mut names: Vec<_> = good
        .iter()
        .filter_map(|(purpose, file)| {
            let name = folder::name_of(file);
            Some(format!("{name}{}", purpose_of(purpose.as_ref().ok()?)))
        })
        .collect();
    let mut broken = Vec::new();
    for file in gyre_onnx::folder::files(models).unwrap_or_default() {
        match Graph::read(&file) {
            Ok(graph) => names.push(format!("{} ({})", graph.name(), graph.ability())),
            Err(error) => {
                let (message, cure) = crate::report::told(&error.into());
                broken.push(Check::fail(NAME, message, cure));
            }
        }
    }
    let mut checks = vec![if names.is_empty() {
        Check::warn(
            NAME,
            format!("no usable .gguf or .onnx in {}", models.display()),
            cure,
        )
    } else {
        Check::ok(NAME, format!("{} in {}", names.join(", "), models.display()))
    }];
    checks.extend(bad.into_iter().filter_map(|(header, file)| {
        let message = format!("{}: {}", file.display(), header.err()?);
        Some(Check::fail(NAME, message, "remove the file, or fetch it again"))
    }));
    checks.extend(broken);
    checks
}

fn purpose_of(purpose: &Purpose) -> &'static str {
    match purpose {
        Purpose::Chat => " (chat)",
        Purpose::Embedding => " (embeddings)",
        Purpose::Ranking => " (ranking)",
        Purpose::Base => " (base model, no chat)",
    }
}

/// The models given with `--model`, or the manifest's own, checked as `gyre up` checks them.
pub(super) fn given(args: &EngineArgs, defaults: &[String]) -> Vec<Check> {
    const NAME: &str = "model";
    match choose(args, defaults) {
        Ok(Choice::Unsaid) => defaults.iter().map(|name| missing(name)).collect(),
        Ok(Choice::NoModel) => vec![Check::ok(NAME, "none: quotes and search by words only")],
        Ok(Choice::Local(models)) => models
            .iter()
            .map(|model| {
                let (name, architecture) = (&model.name, &model.architecture);
                Check::ok(
                    NAME,
                    format!("{name} ({architecture}) needs about {}", model.needs()),
                )
            })
            .collect(),
        Err(error) => {
            let (message, cure) = crate::report::told(&error);
            vec![Check::fail(NAME, message, cure)]
        }
    }
}

fn missing(default: &str) -> Check {
    Check::warn(
        "model",
        format!("{default}, which answers by default, is not there: answers are quotes"),
        "`cargo xtask setup` puts it there, or name another with --model",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Level::{self, Fail, Ok, Warn};
    use super::*;
    use std::fs;

    /// Files by name, with their bytes.
    type Files<'a> = &'a [(&'a str, &'a [u8])];

    fn levels(files: Files<'_>) -> Vec<Level> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).expect("a file");
        }
        check(folder.path()).iter().map(|check| check.level).collect()
    }

    #[test]
    fn models_are_told_from_other_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("model.gguf");
        gyre_gguf::tiny::random_bert(1, &path).expect("a model");
        let good = fs::read(&path).expect("a model");
        let path = folder.path().join("graph.onnx");
        gyre_onnx::tiny::sum(&path).expect("a graph");
        let graph = fs::read(&path).expect("a graph");
        let cases: [(Files<'_>, &[Level]); 8] = [
            (&[("g.onnx", &graph)], &[Ok]),
            (&[("g.onnx", &graph[..graph.len() / 2])], &[Warn, Fail]),
            (&[], &[Warn]),
            (&[("a.txt", b"x")], &[Warn]),
            (&[("a.gguf", &good)], &[Ok]),
            (
                &[("a.gguf", &good), ("b.gguf", &good[..good.len() / 2])],
                &[Ok, Fail],
            ),
            (&[("b.gguf", b"<!doctype html><html></html>")], &[Warn, Fail]),
            (&[("b.gguf", b"GG")], &[Warn, Fail]),
        ];
        for (files, expected) in cases {
            assert_eq!(levels(files), expected);
        }
    }

    #[test]
    fn a_missing_folder_is_a_warning() {
        assert_eq!(check(Path::new("no/such/folder"))[0].level, Warn);
    }
}
