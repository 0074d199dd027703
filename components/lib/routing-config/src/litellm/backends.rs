//! Which components the upstreams of a `config.yaml` become: one for each provider, address and key, so that each key
//! meets one host only.

use crate::types::{Address, Backend};
use std::collections::BTreeMap;

/// The backends that were met so far, in their order.
#[derive(Debug, Default)]
pub(super) struct Backends {
    met: Vec<(String, Backend)>,
}

impl Backends {
    /// The component id of a backend.
    pub(super) fn id(&mut self, backend: Backend) -> String {
        if let Some((id, _)) = self.met.iter().find(|(_, met)| *met == backend) {
            return id.clone();
        }
        let name = backend.provider.name().replace('_', "-");
        let before = self
            .met
            .iter()
            .filter(|(_, met)| met.provider == backend.provider)
            .count();
        let id = match before {
            0 => format!("model-{name}"),
            before => format!("model-{name}-{}", before + 1),
        };
        self.met.push((id.clone(), backend));
        id
    }

    /// All, by id.
    pub(super) fn named(self) -> BTreeMap<String, Backend> {
        self.met.into_iter().collect()
    }
}

/// What follows `os.environ/`.
pub(super) fn environment(text: &str) -> Option<&str> {
    let name = text.strip_prefix("os.environ/")?;
    let fine = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    let starts = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    (starts && name.bytes().all(fine)).then_some(name)
}

/// An address as it is written.
pub(super) fn address(text: &str) -> Option<Address> {
    if let Some(name) = environment(text) {
        return Some(Address::Variable(name.to_owned()));
    }
    crate::split(text).map(|_| Address::Url(text.trim_end_matches('/').to_owned()))
}
