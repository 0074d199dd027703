//! Which graphs there are, in the models folder and named by the host, and what they are able to.

use std::collections::HashMap;
use std::path::PathBuf;

use gyre_engine_ipc::{EngineError, MemoryBytes, ModelInfo};
use gyre_gguf::folder::is_name;
use gyre_onnx::{Header, encoder, folder};

use crate::catalog::file_name;
use crate::shelf::{self, Shelf, Stamp, stamp};

/// What stands for the architecture, which graphs do not name.
const ARCHITECTURE: &str = "onnx";

/// A graph whose outline is sound.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(super) path: PathBuf,
    /// Where there is one the graph makes embeddings.
    pub(super) tokenizer: Option<PathBuf>,
    pub(crate) info: ModelInfo,
    /// What it takes of memory once it is loaded.
    pub(crate) memory: MemoryBytes,
}

/// Reads outlines once per change of a file.
pub(super) struct Catalog {
    folder: PathBuf,
    given: HashMap<String, PathBuf>,
    known: Shelf<Stamps, Entry>,
}

/// Of the graph and, if there is one, of its tokenizer.
type Stamps = (Stamp, Option<Stamp>);

impl Catalog {
    pub(super) fn new(folder: PathBuf, given: Vec<(String, PathBuf)>) -> Self {
        Self {
            folder,
            given: given.into_iter().collect(),
            known: Shelf::default(),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        is_name(name) && stamp(&self.path_of(name)).is_some()
    }

    pub(super) fn find(&mut self, name: &str) -> Result<Entry, EngineError> {
        let path = self.path_of(name);
        let tokenizer = folder::tokenizer_of(&path);
        let stamps = is_name(name).then(|| stamp(&path)).flatten();
        let Some(stamps) = stamps.map(|graph| (graph, stamp(&tokenizer))) else {
            return Err(EngineError::ModelNotFound {
                model: name.to_owned(),
                available: self.names(),
            });
        };
        let memory = MemoryBytes::of_graph(stamps.0.1, stamps.1.map_or(0, |(_, bytes)| bytes));
        let tokenizer = stamps.1.map(|_| tokenizer);
        self.known
            .entry(name, stamps, || inspect(name, path, tokenizer, memory))
    }

    pub(super) fn list(&mut self) -> Vec<ModelInfo> {
        let names = self.names();
        self.known.keep(&names);
        shelf::list(names, ARCHITECTURE, |name| {
            self.find(name).map(|entry| entry.info)
        })
    }

    fn path_of(&self, name: &str) -> PathBuf {
        let given = self.given.get(name).cloned();
        given.unwrap_or_else(|| folder::path_of(&self.folder, name))
    }

    /// A folder that cannot be read has no models.
    fn names(&self) -> Vec<String> {
        shelf::names(&folder::files(&self.folder).unwrap_or_default(), &self.given)
    }
}

fn inspect(
    name: &str,
    path: PathBuf,
    tokenizer: Option<PathBuf>,
    memory: MemoryBytes,
) -> Result<Entry, EngineError> {
    let invalid = |reason: String| EngineError::ModelInvalid {
        file: file_name(&path),
        reason,
    };
    let header = Header::open(&path).map_err(|error| {
        tracing::warn!(model = name, path = %path.display(), %error, "a model file is not sound");
        invalid(error.to_string())
    })?;
    if tokenizer.is_some() {
        encoder::check(&header).map_err(|wrong| {
            invalid(format!(
                "a tokenizer lies beside it, so it should embed texts, but {wrong}"
            ))
        })?;
    }
    let info = ModelInfo {
        embedding: tokenizer.is_some(),
        graph: tokenizer.is_none(),
        ..shelf::able_to_nothing(name.to_owned(), ARCHITECTURE)
    };
    Ok(Entry {
        path,
        tokenizer,
        info,
        memory,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_onnx::tiny;
    use std::fs;

    #[test]
    fn a_graph_with_a_tokenizer_embeds_and_must_be_an_encoder() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        tiny::sum(&at("sum.onnx")).expect("writes");
        gyre_gguf::tiny::random_bert(1, &at("l.gguf")).expect("writes");
        gyre_onnx::convert::from_gguf(&at("l.gguf"), &at("letters.onnx")).expect("converts");
        let mut catalog = Catalog::new(
            folder.path().to_owned(),
            vec![("other".to_owned(), at("sum.onnx"))],
        );
        let listed: Vec<_> = catalog
            .list()
            .into_iter()
            .map(|model| (model.name, model.embedding, model.graph))
            .collect();
        let expected = [
            ("letters", true, false),
            ("other", false, true),
            ("sum", false, true),
        ];
        assert_eq!(
            listed,
            expected.map(|(name, embeds, graph)| (name.to_owned(), embeds, graph))
        );
        fs::write(at("sum.tokenizer.json"), "{}").expect("writes");
        let error = catalog.find("sum").expect_err("is no encoder").to_string();
        assert!(error.contains("`a`") && error.contains("tokenizer"), "{error}");
        let missing = catalog.find("none").expect_err("is not there").to_string();
        assert!(missing.contains("letters, other, sum"), "{missing}");
        assert!(!catalog.has("../sum") && catalog.has("sum"));
    }

    #[test]
    fn a_broken_file_is_told_and_listed_as_able_to_do_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("x.onnx"), "<html>").expect("writes");
        let mut catalog = Catalog::new(folder.path().to_owned(), Vec::new());
        assert!(matches!(catalog.find("x"), Err(EngineError::ModelInvalid { .. })));
        let listed = catalog.list();
        assert!(
            listed.len() == 1 && !listed[0].graph && !listed[0].embedding,
            "{listed:?}"
        );
    }
}
