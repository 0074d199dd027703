//! Which models there are, in the models folder and named by the host, and whether their files are whole.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use gyre_engine_ipc::{EngineError, ModelInfo};
use gyre_gguf::{Gguf, Purpose, folder};

use crate::need::Shape;
use crate::shelf::{self, Shelf, Stamp};

/// A model whose file is sound.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    pub(crate) info: ModelInfo,
    pub(crate) template: Option<String>,
    /// What its memory follows from.
    pub(crate) shape: Shape,
}

/// Reads headers once per change of a file: vocabularies are large and the list is asked often.
pub(crate) struct Catalog {
    folder: PathBuf,
    /// Models whose files lie elsewhere.
    given: HashMap<String, PathBuf>,
    known: Shelf<Stamp, Entry>,
}

impl Catalog {
    pub(crate) fn new(folder: PathBuf, given: Vec<(String, PathBuf)>) -> Self {
        Self {
            folder,
            given: given.into_iter().collect(),
            known: Shelf::default(),
        }
    }

    /// The model of this name.
    pub(crate) fn find(&mut self, name: &str) -> Result<Entry, EngineError> {
        let path = match self.given.get(name) {
            Some(path) => path.clone(),
            None => folder::path_of(&self.folder, name),
        };
        // An adapter is no model of its own.
        let can_be = folder::is_name(name) && !folder::is_adapter(&path);
        let stamp = can_be.then(|| shelf::stamp(&path)).flatten();
        let Some(stamp) = stamp else {
            return Err(EngineError::ModelNotFound {
                model: name.to_owned(),
                available: self.names(),
            });
        };
        self.known.entry(name, stamp, || inspect(name, &path))
    }

    /// The models there are.
    pub(crate) fn list(&mut self) -> Vec<ModelInfo> {
        let names = self.names();
        self.known.keep(&names);
        shelf::list(names, "", |name| self.find(name).map(|entry| entry.info))
    }

    /// A folder that cannot be read has no models.
    fn names(&self) -> Vec<String> {
        shelf::names(&folder::files(&self.folder).unwrap_or_default(), &self.given)
    }
}

fn inspect(name: &str, path: &Path) -> Result<Entry, EngineError> {
    let gguf = Gguf::open(path).map_err(|error| {
        tracing::warn!(model = name, path = %path.display(), %error, "a model file is not sound");
        EngineError::ModelInvalid {
            file: file_name(path),
            reason: error.to_string(),
        }
    })?;
    let info = ModelInfo {
        name: name.to_owned(),
        architecture: gguf.architecture().to_owned(),
        embedding: gguf.purpose() == Purpose::Embedding,
        chat: gguf.purpose() == Purpose::Chat,
        rerank: gguf.purpose() == Purpose::Ranking,
        graph: false,
    };
    Ok(Entry {
        path: path.to_owned(),
        info,
        template: gguf.chat_template().map(str::to_owned),
        shape: Shape::of(&gguf),
    })
}

/// A file's name without its folder, which is nobody's business but the log's.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_unknown_model_is_told_with_what_there_is() {
        let folder = tempfile::tempdir().expect("a folder");
        gyre_gguf::tiny::random_bert(1, &folder.path().join("letters.gguf")).expect("writes");
        let error = Catalog::new(folder.path().to_owned(), Vec::new())
            .find("words")
            .expect_err("there is none");
        assert_eq!(
            error.to_string(),
            "there is no model `words` in the models folder (there are: letters)"
        );
        assert!(error.hint().contains("words.gguf"), "{}", error.hint());
    }

    #[test]
    fn a_model_elsewhere_is_as_good_as_one_in_the_folder_and_goes_first() {
        let (folder, elsewhere) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        gyre_gguf::tiny::random_bert(1, &folder.path().join("letters.gguf")).expect("writes");
        let path = elsewhere.path().join("Some Talk.gguf");
        gyre_gguf::tiny::random_llama(1, &path).expect("writes");
        let given = ["some-talk", "letters"].map(|name| (name.to_owned(), path.clone()));
        let mut catalog = Catalog::new(folder.path().to_owned(), given.into());
        let listed: Vec<_> = catalog
            .list()
            .into_iter()
            .map(|model| (model.name, model.chat))
            .collect();
        assert_eq!(
            listed,
            [("letters".to_owned(), true), ("some-talk".to_owned(), true)]
        );
        fs::write(&path, b"GGUF").expect("writes");
        let error = catalog.find("some-talk").expect_err("is cut");
        assert!(error.to_string().contains("`Some Talk.gguf`"), "{error}");
    }

    #[test]
    fn a_truncated_file_is_told_and_listed_as_able_to_do_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("letters.gguf");
        gyre_gguf::tiny::random_bert(1, &path).expect("writes");
        let mut catalog = Catalog::new(folder.path().to_owned(), Vec::new());
        assert!(
            catalog
                .find("letters")
                .is_ok_and(|entry| entry.info.embedding && !entry.info.chat)
        );
        let whole = fs::read(&path).expect("reads");
        fs::write(&path, &whole[..whole.len() / 2]).expect("writes");
        assert!(matches!(
            catalog.find("letters"),
            Err(EngineError::ModelInvalid { .. })
        ));
        let listed = catalog.list();
        assert!(
            listed.len() == 1 && !listed[0].embedding && !listed[0].chat,
            "{listed:?}"
        );
    }
}
