//! Why an application cannot be had.

use std::path::PathBuf;

/// Why an application cannot be had. No message quotes what a registry or a file of credentials said in full.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is neither a file nor a reference.
    #[error(
        "`{given}` is no file, no folder and no reference to a registry\nhint: name a spin.toml, its folder, or an application as in registry.example/app:1.0"
    )]
    NoSource {
        /// What was given.
        given: String,
    },
    /// A folder without an application.
    #[error("{} holds no spin.toml\nhint: name the folder of an application, or its spin.toml", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The registry does not know the application.
    #[error(
        "{reference} is not in its registry\nhint: check its name and tag; `spin registry push` puts it there"
    )]
    NotFound {
        /// What was asked for.
        reference: String,
    },
    /// The registry wants to know who asks.
    #[error(
        "the registry of {reference} refused to give it{}\nhint: `docker login` for that registry; credentials are read from auths in its config.json, helpers of docker are not asked",
        if *asked { " to this user" } else { ": nobody is logged in" }
    )]
    Refused {
        /// What was asked for.
        reference: String,
        /// Whether credentials were sent.
        asked: bool,
    },
    /// The registry cannot be reached, or breaks the protocol.
    #[error("cannot fetch {reference}: {reason}\nhint: is the registry up? One without TLS needs --insecure")]
    Registry {
        /// What was asked for.
        reference: String,
        /// What went wrong, without what the registry said.
        reason: String,
    },
    /// What came is not what was asked for.
    #[error(
        "{what} of {reference} is not what its digest says\nhint: try again; if it stays so, the registry is broken"
    )]
    Digest {
        /// What was asked for.
        reference: String,
        /// Which part.
        what: String,
    },
    /// It is larger than is allowed.
    #[error("{what} is larger than the {bytes_max} bytes it may have\nhint: is this a Spin application?")]
    TooLarge {
        /// What.
        what: String,
        /// The limit.
        bytes_max: u64,
    },
    /// It is something else.
    #[error("{reference} is no Spin application: {why}\nhint: push one with `spin registry push`")]
    NotAnApplication {
        /// What was asked for.
        reference: String,
        /// What it is instead.
        why: String,
    },
    /// It needs what this host has not.
    #[error("the application needs {what}, which the gyre host does not support\nhint: {cure}")]
    Unsupported {
        /// What.
        what: String,
        /// What to do.
        cure: &'static str,
    },
    /// docker's configuration cannot be read.
    #[error("{}: no configuration of docker\nhint: mend it, or remove it and `docker login` again", path.display())]
    DockerConfig {
        /// The file.
        path: PathBuf,
    },
    /// The cache cannot be used.
    #[error("cannot {what} {}\nhint: choose another folder with --cache-dir", path.display())]
    Cache {
        /// What was tried.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}
