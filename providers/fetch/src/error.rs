//! Why a file could not be fetched.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a file could not be fetched. The text says what failed and how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server cannot be reached, or does not speak HTTP.
    #[error("cannot fetch {url}\nhint: check the URL and the network")]
    Unreachable {
        /// Where it is.
        url: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// The server answered, but not with the file.
    #[error(
        "cannot fetch {url}: the server answered {status}\nhint: check the URL; a file behind a login has to be fetched by hand and named by its path"
    )]
    Status {
        /// Where it is.
        url: String,
        /// What the server said.
        status: u16,
    },
    /// It took too long.
    #[error(
        "cannot fetch {url}: {what} took more than {ms_max} ms\nhint: try again, or fetch the file by hand and name it by its path"
    )]
    Timeout {
        /// Where it is.
        url: String,
        /// What took so long.
        what: &'static str,
        /// The limit.
        ms_max: u64,
    },
    /// The file is larger than a component may be.
    #[error(
        "cannot fetch {url}: it has more than the {bytes_max} bytes a component may have\nhint: is this the right file? build it in release mode"
    )]
    TooLarge {
        /// Where it is.
        url: String,
        /// The limit.
        bytes_max: u64,
    },
    /// The transfer ended before the file did.
    #[error("cannot fetch {url}: the transfer broke off after {bytes} bytes\nhint: try again")]
    Cut {
        /// Where it is.
        url: String,
        /// What was here.
        bytes: u64,
        /// Why.
        source: io::Error,
    },
    /// It is another file.
    #[error(
        "{url} is not what the manifest asks for: its digest is sha256:{found}, not sha256:{expected}\nhint: if the file may have changed, write digest = \"sha256:{found}\""
    )]
    Digest {
        /// Where it is.
        url: String,
        /// What the manifest says.
        expected: String,
        /// What came.
        found: String,
    },
    /// The cache cannot be read or written.
    #[error("{}: the cache of fetched components cannot be used\nhint: choose another folder with --state", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn disk(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| Self::Disk {
            path: path.to_owned(),
            source,
        }
    }
}
