//! Failures: of building an application, of listening, of one call.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// An application that cannot be started.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The compiler or the pool refused its settings.
    #[error("cannot set up the Wasm engine")]
    Engine(#[source] wasmtime::Error),
    /// A component's file, or a leaf's, does not compose.
    #[error(transparent)]
    Compose(#[from] gyre_compose::Error),
    /// A value of the manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] gyre_manifest::Error),
    /// An entry of `allowed_outbound_hosts` is malformed.
    #[error("component.{component}")]
    Hosts {
        /// Whose.
        component: String,
        /// Why.
        #[source]
        source: gyre_capability_http::ParseError,
    },
    /// The file is no component, or one for another host.
    #[error("component.{component}: cannot compile {}\nhint: run `cargo xtask build`", path.display())]
    Compile {
        /// Whose.
        component: String,
        /// Its file.
        path: PathBuf,
        /// Why.
        #[source]
        source: wasmtime::Error,
    },
    /// The component wants an interface this host does not have.
    #[error(
        "component.{component}: needs an interface this host does not provide, or has the wrong exports\nhint: it must export wasi:http/handler@0.3.0 and import only what spin.toml grants"
    )]
    Link {
        /// Whose.
        component: String,
        /// Which.
        #[source]
        source: wasmtime::Error,
    },
    /// The running pool has no room for it.
    #[error(
        "component.{component}: memory_bytes_max is more than this process was started for ({bytes_max} bytes)\nhint: restart gyre"
    )]
    Restart {
        /// Whose.
        component: String,
        /// The most that any component may have until then.
        bytes_max: u64,
    },
    /// A mounted folder is not there.
    #[error("component.{component}: files: {} is no folder\nhint: mount a folder, and check the path", path.display())]
    Mount {
        /// Whose.
        component: String,
        /// Its source.
        path: PathBuf,
    },
}

/// A socket that cannot be opened.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Another process has the port.
    #[error("{0} is in use\nhint: stop what listens there, or choose another address with --listen")]
    InUse(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {address}")]
    Other {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// A call that came to nothing.
#[derive(Debug, Error)]
pub enum CallError {
    /// No such component in this application.
    #[error("there is no component `{0}` in this application")]
    NotFound(String),
    /// Components call each other in a circle.
    #[error("more than {0} chained calls\nhint: components call each other in a circle")]
    TooManyHops(u8),
    /// Too many sandboxes are running.
    #[error("too many calls at once\nhint: try again in {} s", retry_after.as_secs())]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// The call took longer than its component may.
    #[error(
        "component `{component}` did not finish within {limit_ms} ms\nhint: raise request_ms_max in [component.{component}.tool.gyre]"
    )]
    Timeout {
        /// Whose.
        component: String,
        /// Its limit.
        limit_ms: u64,
    },
    /// The answer is larger than its component may give.
    #[error(
        "component `{component}` answered with more than {limit_bytes} bytes\nhint: raise response_bytes_max in [component.{component}.tool.gyre]"
    )]
    TooLarge {
        /// Whose.
        component: String,
        /// Its limit.
        limit_bytes: u64,
    },
    /// The guest trapped, or broke the protocol. The source is for the log, never for a client.
    #[error("component `{component}` failed\nhint: the log of the host says why")]
    Failed {
        /// Whose.
        component: String,
        /// Why.
        #[source]
        source: wasmtime::Error,
    },
}

impl CallError {
    /// Logs the whole chain; a client sees the first message only.
    pub(crate) fn report(&self) {
        let cause = std::error::Error::source(self).map(|source| format!("{source:?}"));
        tracing::error!(cause = cause.as_deref().unwrap_or("none"), "{self}");
    }
}

/// What a sandbox sees of a neighbour's failure.
impl From<CallError> for wasmtime_wasi_http::Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotFound(_) => Self::DestinationNotFound,
            CallError::TooManyHops(_) => Self::LoopDetected,
            CallError::Overloaded { .. } => Self::ConnectionLimitReached,
            CallError::Timeout { .. } => Self::HttpResponseTimeout,
            CallError::TooLarge { .. } => Self::HttpResponseBodySize(None),
            CallError::Failed { .. } => Self::InternalError(Some(error.to_string())),
        }
    }
}
