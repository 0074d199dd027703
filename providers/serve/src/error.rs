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
    /// The clock that makes guests give way cannot be started.
    #[error("cannot start the clock of the Wasm engine\nhint: this machine has no thread left for it")]
    Clock(#[source] std::io::Error),
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

/// Why a call came to nothing.
#[derive(Debug, Error)]
pub enum CallError {
    /// No such component in this application.
    #[error("there is no component `{0}` in this application")]
    NotFound(String),
    /// Components call each other in a circle.
    #[error(
        "more than {limit} chained calls lead to component `{component}`\nhint: components call each other in a circle; if not, raise hops_max in [component.{component}.tool.gyre]"
    )]
    TooManyHops {
        /// Whose.
        component: String,
        /// Its limit.
        limit: u8,
    },
    /// Too many sandboxes are running.
    #[error("too many calls at once\nhint: try again in {} s", retry_after.as_secs())]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// Too many sandboxes of this component are running.
    #[error(
        "component `{component}` answers {limit} calls already\nhint: try again in {} s, or raise calls_max in [component.{component}.tool.gyre]",
        retry_after.as_secs()
    )]
    TooManyCalls {
        /// Whose.
        component: String,
        /// Its limit.
        limit: u32,
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
    /// The guest computed for longer than it may.
    #[error(
        "component `{component}` computed for more than {limit_ms} ms\nhint: raise cpu_ms_max in [component.{component}.tool.gyre]"
    )]
    Computing {
        /// Whose.
        component: String,
        /// Its limit.
        limit_ms: u64,
    },
    /// The request says that it is longer than its component takes.
    #[error(
        "component `{component}` takes requests of {limit_bytes} bytes at most\nhint: send less, or raise request_bytes_max in [component.{component}.tool.gyre]"
    )]
    RequestTooLarge {
        /// Whose.
        component: String,
        /// Its limit.
        limit_bytes: u64,
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
    #[error("component `{component}` failed\nhint: the log of the host says why, under the same error id")]
    Failed {
        /// Whose.
        component: String,
        /// Why.
        #[source]
        source: wasmtime::Error,
    },
}

impl CallError {
    /// Whether the call was turned away before anything ran.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::NotFound(_)
            | Self::TooManyHops { .. }
            | Self::Overloaded { .. }
            | Self::TooManyCalls { .. }
            | Self::RequestTooLarge { .. } => true,
            Self::Timeout { .. } | Self::Computing { .. } | Self::TooLarge { .. } | Self::Failed { .. } => {
                false
            }
        }
    }

    /// When to try again, where that helps.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Overloaded { retry_after } | Self::TooManyCalls { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }
}
