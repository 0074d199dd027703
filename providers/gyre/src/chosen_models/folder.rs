//! The models folder, as far as the command line needs it.

use gyre_gguf::{Gguf, Purpose, folder};
use std::path::Path;

/// The names of the chat models in the folder whose files are sound; a folder that cannot be read has none.
pub(crate) fn chat_models(models: &Path) -> Vec<String> {
    let chats = |path: &Path| Gguf::open(path).is_ok_and(|model| model.purpose() == Purpose::Chat);
    let files = folder::files(models).unwrap_or_default();
    let mut names: Vec<String> = files
        .iter()
        .map(|path| (folder::name_of(path), path))
        .filter(|(name, path)| folder::is_name(name) && chats(path))
        .map(|(name, _)| name)
        .collect();
    names.sort();
    names
}
