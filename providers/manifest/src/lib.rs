//! Reads `spin.toml`, manifest version 2: the wiring of an application.
//!
//! Every field is read as stock Spin 4.1 reads it. What Spin can do and this host cannot is refused by name with the
//! reason, and so is a key that nobody knows. Nothing is ignored but the `tool` tables of other tools.

mod application;
mod build;
mod category;
mod change;
mod component;
mod dependency;
mod dependency_key;
mod error;
mod limits;
mod mount;
mod name;
mod normalise;
mod read;
mod resolve;
mod route;
mod section;
mod source;
mod static_response;
mod target;
mod trigger;
mod trigger_draft;
mod variable;
mod watch;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use build::Build;
pub use category::{Category, Inherit};
pub use component::Component;
pub use dependency::{Dependency, Middleware};
pub use dependency_key::{DependencyKey, DependencyName};
pub use error::{Error, Problem};
pub use limits::{InstancePolicy, Limits};
pub use mount::Mount;
pub use route::{Route, RouteMatch, RoutePattern, Router};
pub use section::{Section, as_string, wrong_type};
pub use source::{RemoteFile, Source};
pub use static_response::StaticResponse;
pub use trigger::{Handler, HttpTrigger, RedisTrigger};
pub use variable::{ResolvedVariables, Variable, resolve_template, resolve_variables};
pub use watch::Watched;

/// The profile of this host. A manifest need not mention it; any other profile asked for must exist.
pub const PROFILE: &str = "gyre";

/// Bytes a manifest may have.
const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its name.
    pub name: String,
    /// The folder of the manifest; paths in it are relative to this.
    pub root: PathBuf,
    /// Its variables.
    pub variables: BTreeMap<String, Variable>,
    /// Its HTTP triggers, in the order of the manifest.
    pub triggers: Vec<HttpTrigger>,
    /// Its Redis triggers, in the order of the manifest.
    pub redis_triggers: Vec<RedisTrigger>,
    /// Its components by id.
    pub components: BTreeMap<String, Component>,
}

/// Reads and checks a manifest, with the overrides of `profile` applied.
///
/// Component files need not exist yet: who starts them says which are missing.
pub fn load(path: &Path, profile: Option<&str>) -> Result<App, Error> {
    let unreadable = |source| Error::Unreadable {
        path: path.to_owned(),
        source,
    };
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MANIFEST_BYTES_MAX {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            bytes,
            bytes_max: MANIFEST_BYTES_MAX,
        });
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let path_absolute = std::path::absolute(path).map_err(unreadable)?;
    let root = path_absolute.parent().unwrap_or(Path::new("/"));
    let table = text.parse::<toml::Table>().map_err(|error| Error::Syntax {
        path: path.to_owned(),
        line: error.span().map_or(0, |span| {
            1 + text[..span.start.min(text.len())].matches('\n').count()
        }),
        message: error.message().to_owned(),
    })?;
    read::app(table, root, profile).map_err(|problem| Error::Key {
        path: path.to_owned(),
        problem,
    })
}
