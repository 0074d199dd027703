//! Reads `spin.toml`, manifest version 2: the wiring of an application.
//!
//! Only the fields this host honours are read. A key that Spin knows and we do not is refused as
//! "not supported yet"; any other is refused by name. Nothing is ignored, except `build` (for builders)
//! and the `tool` tables of other tools.

mod component;
mod dependency;
mod error;
mod limits;
mod read;
mod route;
mod section;
mod subset;
mod trigger;
mod variable;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use component::{Component, Mount};
pub use dependency::{Category, Dependency, DependencyKey, Inherit};
pub use error::{Error, Problem};
pub use limits::{InstancePolicy, Limits};
pub use route::{Route, RouteMatch, RoutePattern, Router};
pub use trigger::{Handler, HttpTrigger, RedisTrigger, StaticResponse};
pub use variable::{ResolvedVariables, Variable, resolve_template, resolve_variables};

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
