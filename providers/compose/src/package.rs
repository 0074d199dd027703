//! Components as the graph knows them: read, listed, and what is wrong with them in words.

use std::{error::Error as StdError, path::PathBuf};

use gyre_manifest::Source;
use wac_graph::{CompositionGraph, PackageId};
use wac_types::{Package, Types, World};

use crate::{Error, check::types_only};

/// Reads a component into the graph.
pub(crate) fn register(
    graph: &mut CompositionGraph,
    name: &str,
    key: &str,
    (source, bytes): (&Source, Vec<u8>),
) -> Result<PackageId, Error> {
    let not_a_component = |what| Error::NotAComponent {
        key: key.to_owned(),
        path: source.file().map(PathBuf::from).unwrap_or_default(),
        what,
    };
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())
        .map_err(|error| not_a_component(chain(error.as_ref())))?;
    graph
        .register_package(package)
        .map_err(|error| not_a_component(chain(&error)))
}

/// What a component imports, sorted, without imports that hold types only.
pub(crate) fn imports(types: &Types, world: &World) -> Vec<String> {
    let needed = world
        .imports
        .iter()
        .filter(|(_, kind)| !types_only(types, **kind));
    let mut names: Vec<String> = needed.map(|(name, _)| name.clone()).collect();
    names.sort();
    names
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
