//! Names: one becomes a folder, a crate, an id in spin.toml and a host name.

use super::error::Error;
use crate::cli::Template;

const BYTES_MAX: usize = 50;
/// Names that are a crate of the standard library, a word of Rust, or a folder of the project.
const RESERVED: [&str; 14] = [
    "std",
    "core",
    "alloc",
    "test",
    "proc-macro",
    "self",
    "super",
    "crate",
    "fn",
    "shells",
    "tools",
    "target",
    "src",
    "wit",
];
/// `gyre tool freeze` knows a tool by it.
const TOOL: &str = "tool-";

/// A component's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// What the user said.
    pub(super) name: String,
    /// In spin.toml, and its folder.
    pub(super) id: String,
    /// The file cargo builds.
    pub(super) krate: String,
}

/// Checks the name; a tool's id says that it is one.
pub(super) fn check(name: &str, template: Template) -> Result<Names, Error> {
    let refuse = |problem| Error::Name {
        name: name.to_owned(),
        problem,
    };
    let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() {
        return Err(refuse("is empty"));
    }
    if name.len() > BYTES_MAX {
        return Err(refuse("is longer than 50 letters"));
    }
    if !name.bytes().all(sign) {
        return Err(refuse("has other signs than a-z, 0-9 and `-`"));
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(refuse("does not begin with a letter"));
    }
    if name.ends_with('-') || name.contains("--") {
        return Err(refuse("has a `-` that joins nothing"));
    }
    if name
        .split('-')
        .any(|word| word.starts_with(|c: char| c.is_ascii_digit()))
    {
        return Err(refuse("has a word that begins with a digit"));
    }
    if RESERVED.contains(&name) {
        return Err(refuse("is reserved"));
    }
    let id = match template {
        Template::Tool if !name.starts_with(TOOL) => format!("{TOOL}{name}"),
        _ => name.to_owned(),
    };
    Ok(Names {
        name: name.to_owned(),
        krate: id.replace('-', "_"),
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case() {
        for good in ["a", "word-count", "v2", "tool-x", "a-b-c"] {
            assert!(check(good, Template::App).is_ok(), "{good}");
        }
        let long = "x".repeat(51);
        for bad in [
            "", "Word", "a_b", "a b", "../a", "a/b", "1a", "-a", "a-", "a--b", "a-1", "ü", "std", "tools",
            &long,
        ] {
            let message = check(bad, Template::App).expect_err(bad).to_string();
            assert!(message.contains("; hint: "), "{message}");
        }
    }

    #[test]
    fn a_tool_is_called_one() {
        for (name, id, krate) in [
            ("word-count", "tool-word-count", "tool_word_count"),
            ("tool-x", "tool-x", "tool_x"),
        ] {
            let names = check(name, Template::Tool).expect("is good");
            assert_eq!((names.id.as_str(), names.krate.as_str()), (id, krate));
        }
    }
}
