//! The models folder, as far as the command line needs it.

use gyre_gguf::{Gguf, Purpose};
use std::path::Path;

/// Files looked at.
const FILES_MAX: usize = 256;

/// The names of the chat models in the folder whose files are sound.
pub(crate) fn chat_models(folder: &Path) -> Vec<String> {
    let name = |file: std::fs::DirEntry| {
        let path = file.path();
        let name = file
            .file_name()
            .into_string()
            .ok()?
            .strip_suffix(".gguf")?
            .to_owned();
        let model = Gguf::open(&path).ok()?;
        (model.purpose() == Purpose::Chat).then_some(name)
    };
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = files.take(FILES_MAX).filter_map(name).collect();
    names.sort();
    names
}
