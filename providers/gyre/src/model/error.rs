//! Why a model cannot be had, read or removed.

use crate::exit::Exit;
use std::io;
use std::path::{Path, PathBuf};

/// Names told in one message.
const NAMED_MAX: usize = 20;

/// A failure as its user sees it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No file has the name.
    #[error("no model {name} in {}; hint: {}", folder.display(), available(there))]
    NotFound {
        /// What was asked for.
        name: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// What is there.
        there: Vec<String>,
    },
    /// The name cannot be a model's.
    #[error(
        "`{0}` cannot be the name of a model; hint: use 1 to 128 letters, digits, `-`, `_` and `.`, the first no `.`; --name gives another"
    )]
    BadName(String),
    /// The file is no model.
    #[error("{}: {why}; hint: {cure}", path.display())]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
        /// What to do.
        cure: &'static str,
    },
    /// There is one of the name.
    #[error("there is a model {0} already; hint: --force replaces it, --name gives the new one another name")]
    Exists(String),
    /// The file system failed.
    #[error("cannot {doing} {}; hint: {}", path.display(), disk_cure(source))]
    Disk {
        /// What was to be done.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The file does not fit.
    #[error("{} has {free} free, {needed} are needed; hint: make room, or name another folder with --models", folder.display())]
    NoSpace {
        /// Where.
        folder: PathBuf,
        /// What is free, for people.
        free: String,
        /// What is needed, for people.
        needed: String,
    },
    /// `REPO[:FILE]` or the revision makes no sense.
    #[error(
        "{0}; hint: write it as ORG/NAME or ORG/NAME:FILE.gguf, and a revision as a branch, tag or commit"
    )]
    BadSource(String),
    /// Nothing answers at the hub's address.
    #[error(
        "the model hub cannot be reached: {0}; hint: check the network, or name another hub with HF_ENDPOINT"
    )]
    Unreachable(String),
    /// The hub wants to know who asks, or does not let them.
    #[error("the hub does not give {what} to {} (status {status}); hint: {}", who(*token), denied_cure(*token))]
    Denied {
        /// The repository or file.
        what: String,
        /// HTTP status.
        status: u16,
        /// Whether a token was sent.
        token: bool,
    },
    /// The hub does not have it.
    #[error("the hub has no {0}; hint: check how it is written, and --revision")]
    NotOnHub(String),
    /// The repository does not have the file.
    #[error("{repo} has no file {file}; hint: {}", choices(there))]
    NoSuchFile {
        /// The repository.
        repo: String,
        /// What was asked for.
        file: String,
        /// Its GGUF files.
        there: Vec<String>,
    },
    /// The repository has no model that can be taken.
    #[error("{0} has no GGUF file; hint: look for a repository of the same model whose name ends in GGUF")]
    NoGguf(String),
    /// The repository has several, and none stands out.
    #[error("{repo} has several GGUF files; hint: {}", choices(there))]
    Several {
        /// The repository.
        repo: String,
        /// Its GGUF files.
        there: Vec<String>,
    },
    /// The model is cut into several files.
    #[error(
        "{0} is one part of a model of several files, which gyre does not load; hint: take a model of one file"
    )]
    Split(String),
    /// The transfer ended before the file did.
    #[error("the transfer was cut: {why}; hint: the same command goes on where it ended")]
    Cut {
        /// What happened.
        why: String,
    },
    /// What came is not what the hub has.
    #[error("{what}; hint: it was thrown away; pull it again")]
    Damaged {
        /// How it differs.
        what: String,
    },
    /// The hub answered as no hub does.
    #[error("the answer of the hub cannot be used: {0}; hint: is HF_ENDPOINT the address of a model hub?")]
    Foreign(String),
}

impl Error {
    /// Its exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NotFound { .. } | Self::Unreachable(_) => Exit::Unavailable,
            Self::BadName(_) | Self::BadSource(_) => Exit::Usage,
            Self::Unsound { .. }
            | Self::Exists(_)
            | Self::Disk { .. }
            | Self::NoSpace { .. }
            | Self::Denied { .. }
            | Self::NotOnHub(_)
            | Self::NoSuchFile { .. }
            | Self::NoGguf(_)
            | Self::Several { .. }
            | Self::Split(_)
            | Self::Cut { .. }
            | Self::Damaged { .. }
            | Self::Foreign(_) => Exit::Failed,
        }
    }

    /// A failure of the file system.
    pub(super) fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Disk {
            doing,
            path: path.to_owned(),
            source,
        }
    }
}

fn listed(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED_MAX);
    let shown = names[..names.len().min(NAMED_MAX)].join(", ");
    if more > 0 {
        return format!("{shown} and {more} more");
    }
    shown
}

fn available(names: &[String]) -> String {
    if names.is_empty() {
        return "fetch one with `gyre model pull`".to_owned();
    }
    format!("there are {}; `gyre model pull` fetches others", listed(names))
}

fn choices(files: &[String]) -> String {
    if files.is_empty() {
        return "it has no GGUF file at all".to_owned();
    }
    format!("choose one as REPO:FILE of {}", listed(files))
}

fn disk_cure(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full: make room, or name another folder with --models",
        _ => "check the folder and who may write it, or name another with --models",
    }
}

fn who(token: bool) -> &'static str {
    if token {
        "the owner of this token"
    } else {
        "everybody"
    }
}

fn denied_cure(token: bool) -> &'static str {
    if token {
        "HF_TOKEN may be wrong or expired, or the model's terms are to be accepted on its page first"
    } else {
        "check how it is written; if it is private or gated, set HF_TOKEN"
    }
}
