//! What a phase's output is known by.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hash;

/// Digits of a key in a folder's name.
const SHORT: usize = 12;

/// A hash of all that a phase's output depends on, as hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// The key of a phase of this name, whose code is of this revision, with these parameters and inputs.
    pub fn of(name: &str, revision: u32, parameters: &Value, inputs: &[&Key]) -> Self {
        // Keys of JSON objects are sorted: the same content is the same text.
        let all = json!({
            "phase": name,
            "forge": env!("CARGO_PKG_VERSION"),
            "revision": revision,
            "parameters": parameters,
            "inputs": inputs,
        });
        Self(hash::of_bytes(all.to_string().as_bytes()))
    }

    /// Its beginning, for names of folders.
    pub fn short(&self) -> &str {
        &self.0[..SHORT.min(self.0.len())]
    }
}

impl fmt::Display for Key {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_changes_with_whatever_the_output_depends_on() {
        let parameters = json!({ "b": 1, "a": [2] });
        let data = Key::of("data", 1, &parameters, &[]);
        assert_eq!(data, Key::of("data", 1, &json!({ "a": [2], "b": 1 }), &[]));
        let others = [
            Key::of("data", 2, &parameters, &[]),
            Key::of("other", 1, &parameters, &[]),
            Key::of("data", 1, &json!({ "b": 1, "a": [3] }), &[]),
            Key::of("data", 1, &parameters, &[&data]),
        ];
        for (at, key) in others.iter().enumerate() {
            assert_ne!(*key, data);
            assert!(!others[..at].contains(key));
        }
        assert_eq!((data.to_string().len(), data.short().len()), (64, SHORT));
    }
}
