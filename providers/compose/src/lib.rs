//! Composes a component with its leaves (`[component.<id>.dependencies]`) and its middleware: one level, deny by default.
//!
//! A leaf, or what stands before a component, sees the host only through categories its entry inherits. What it imports beyond that is refused
//! when the application starts, with the line to add; the environment and the file system, which Rust's
//! standard library always imports, are answered as empty instead.

mod check;
mod deny;
mod error;
mod graph;
mod middleware;
mod package;
mod powers;

use std::fs;

use gyre_manifest::{Component, Source};

pub use error::Error;

/// Bytes a component file may have.
const COMPONENT_BYTES_MAX: u64 = 256 << 20;

/// A component with its leaves inside.
#[derive(Debug, Clone)]
pub struct Composed {
    /// The component; equal inputs give equal bytes.
    pub bytes: Vec<u8>,
    /// What it imports, sorted, without imports that hold types only: the host must know each.
    pub imports: Vec<String>,
}

/// Composes a component with its leaves, and puts its middleware before it.
pub fn compose(component: &Component) -> Result<Composed, Error> {
    let key = format!("component.{}.source", component.id);
    let parent = read(&key, &component.source)?;
    let mut graph = graph::Graph::new(component, parent)?;
    for (name, dependency) in &component.dependencies {
        let bytes = read(
            &format!("component.{}.dependencies.\"{name}\"", component.id),
            &dependency.source,
        )?;
        graph.plug(name, dependency, bytes)?;
    }
    // From the inside out: each one wraps what is there.
    for (index, layer) in component.middleware.iter().enumerate().rev() {
        let entry = format!("component.{}: dependencies.middleware[{index}]", component.id);
        let bytes = read(&entry, &layer.source)?;
        graph.wrap(&entry, layer, bytes)?;
    }
    graph.finish()
}

fn read(key: &str, source: &Source) -> Result<Vec<u8>, Error> {
    let path = source.file().ok_or_else(|| Error::NotFetched {
        key: key.to_owned(),
        url: source.to_string(),
    })?;
    let unreadable = |source| Error::Unreadable {
        key: key.to_owned(),
        path: path.to_owned(),
        source,
    };
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    if bytes > COMPONENT_BYTES_MAX {
        return Err(Error::TooLarge {
            key: key.to_owned(),
            path: path.to_owned(),
            bytes,
            bytes_max: COMPONENT_BYTES_MAX,
        });
    }
    fs::read(path).map_err(unreadable)
}
