//! What is wrong with a configuration, and where.

use std::fmt;

/// Problems that are told at once; more would not be read.
const PROBLEMS_MAX: usize = 64;

/// One thing that is wrong, or not honoured, by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands, as `router_settings.fallbacks[0]`; empty for the whole file.
    pub path: String,
    /// What is wrong, and the cure.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            write!(out, "the file {}", self.what)
        } else {
            write!(out, "`{}` {}", self.path, self.what)
        }
    }
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", told(.problems))]
pub struct ConfigError {
    /// All that is wrong with it, at least one.
    pub problems: Vec<Problem>,
}

fn told(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

/// What a reader finds on its way.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    errors: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Findings {
    /// Something that makes the configuration unusable.
    pub(crate) fn error(&mut self, path: impl Into<String>, what: impl Into<String>) {
        keep(&mut self.errors, path.into(), what.into());
    }

    /// Something that is there and not honoured.
    pub(crate) fn warning(&mut self, path: impl Into<String>, what: impl Into<String>) {
        keep(&mut self.warnings, path.into(), what.into());
    }

    /// The value, where nothing was wrong, with the warnings.
    pub(crate) fn judge<T>(self, value: T) -> Result<(T, Vec<Problem>), ConfigError> {
        if self.errors.is_empty() {
            Ok((value, self.warnings))
        } else {
            Err(ConfigError {
                problems: self.errors,
            })
        }
    }
}

fn keep(list: &mut Vec<Problem>, path: String, what: String) {
    if list.len() < PROBLEMS_MAX {
        list.push(Problem { path, what });
    }
}

/// One problem with the file as a whole.
pub(crate) fn whole_file(what: impl Into<String>) -> ConfigError {
    ConfigError {
        problems: vec![Problem {
            path: String::new(),
            what: what.into(),
        }],
    }
}
