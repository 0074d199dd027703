//! Whether a leaf fits its place: it exports what is wanted and imports no more than it was given.

use gyre_manifest::{Dependency, Inherit, Source};
use wac_types::{ItemKind, Type, Types, World};

use crate::{
    Error,
    powers::{self, Power},
};

/// The export that serves each import: the one of its name, or the one that the entry names for all.
/// Refuses a leaf that lacks one.
pub(crate) fn exports_for<'a>(
    leaf: &World,
    wanted: &'a [String],
    dependency: &'a Dependency,
    entry: &str,
) -> Result<Vec<(&'a str, &'a str)>, Error> {
    let pairs = wanted.iter().map(|import| {
        let export = dependency.export.as_ref().unwrap_or(import);
        (import.as_str(), export.as_str())
    });
    let pairs: Vec<_> = pairs.collect();
    match pairs
        .iter()
        .find(|(_, export)| !leaf.exports.contains_key(*export))
    {
        None => Ok(pairs),
        Some((import, export)) => Err(missing_export(leaf, import, export, entry)),
    }
}

fn missing_export(leaf: &World, import: &str, export: &str, entry: &str) -> Error {
    let unversioned = |name: &str| name.split_once('@').map_or(name, |(name, _)| name).to_owned();
    let mut exports = leaf.exports.keys();
    let what = match exports.find(|twin| unversioned(twin) == unversioned(export)) {
        Some(twin) => {
            format!("the component imports {import}, the leaf exports {twin}: versions must be equal")
        }
        None if import == export => {
            format!("the component imports {import}, which the leaf does not export")
        }
        None => format!("the leaf has no export {export}, which is to serve the import {import}"),
    };
    let exports: Vec<&str> = leaf.exports.keys().map(String::as_str).collect();
    let hint = format!(
        "use a leaf that exports it; this one exports: {}",
        exports.join(", ")
    );
    wiring(entry, what, hint)
}

/// A component that is put under or before another: where the manifest names it, and what it is given.
pub(crate) struct Guest<'a> {
    pub(crate) entry: &'a str,
    pub(crate) source: &'a Source,
    pub(crate) inherit: &'a Inherit,
    /// What another component satisfies.
    pub(crate) served: Option<&'a str>,
}

/// Refuses what a guest was not given. Returns the imports to answer as empty.
pub(crate) fn check_powers(types: &Types, world: &World, guest: &Guest<'_>) -> Result<Vec<String>, Error> {
    let mut denied = Vec::new();
    let held = |(import, kind): &(&String, &ItemKind)| {
        guest.served != Some(import.as_str()) && !types_only(types, **kind)
    };
    for (import, kind) in world.imports.iter().filter(held) {
        match powers::of_import(import) {
            Power::None => {}
            Power::Needs(category) | Power::EmptyUnless(category) if guest.inherit.contains(category) => {}
            Power::EmptyUnless(_) => {
                debug_assert!(matches!(kind, ItemKind::Instance(_)));
                denied.push(import.clone());
            }
            Power::Needs(category) => {
                let what = format!("{} imports {import}, which it does not inherit", guest.source);
                let hint = format!("add to this entry: inherit_configuration = [\"{category}\"]");
                return Err(wiring(guest.entry, what, hint));
            }
            Power::Never(what) => {
                let what = format!("{} imports {import}: a leaf may not {what}", guest.source);
                let hint = "build it without that import, or make it a service of its own";
                return Err(wiring(guest.entry, what, hint));
            }
            Power::Unknown => {
                let what = format!("{} imports {import}, which no leaf may have", guest.source);
                let hint = "leaves are one level deep: build it without that import, or make it a service of its own";
                return Err(wiring(guest.entry, what, hint));
            }
        }
    }
    Ok(denied)
}

/// Whether an import holds nothing to link: types without identity.
pub(crate) fn types_only(types: &Types, kind: ItemKind) -> bool {
    match kind {
        ItemKind::Instance(id) => types[id].exports.values().all(|kind| types_only(types, *kind)),
        ItemKind::Type(ty) => !matches!(ty, Type::Resource(_)),
        _ => false,
    }
}

pub(crate) fn wiring(key: impl Into<String>, what: impl Into<String>, hint: impl Into<String>) -> Error {
    Error::Wiring {
        key: key.into(),
        what: what.into(),
        hint: hint.into(),
    }
}
