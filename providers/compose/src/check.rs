//! Whether a leaf fits its place: it exports what is wanted and imports no more than it was given.

use gyre_manifest::Dependency;
use wac_types::{ItemKind, Type, Types, World};

use crate::{
    Error,
    powers::{self, Power},
};

/// Refuses a leaf that lacks an export the parent wants.
pub(crate) fn check_exports(leaf: &World, wanted: &[String], entry: &str) -> Result<(), Error> {
    let Some(missing) = wanted.iter().find(|import| !leaf.exports.contains_key(*import)) else {
        return Ok(());
    };
    let unversioned = |name: &str| name.split_once('@').map_or(name, |(name, _)| name).to_owned();
    let twin = leaf
        .exports
        .keys()
        .find(|export| unversioned(export) == unversioned(missing));
    let what = match twin {
        Some(twin) => {
            format!("the component imports {missing}, the leaf exports {twin}: versions must be equal")
        }
        None => format!("the component imports {missing}, which the leaf does not export"),
    };
    let exports: Vec<&str> = leaf.exports.keys().map(String::as_str).collect();
    Err(wiring(
        entry,
        what,
        format!(
            "use a leaf that exports it; this one exports: {}",
            exports.join(", ")
        ),
    ))
}

/// Refuses what a leaf was not given. Returns the imports to answer as empty.
pub(crate) fn check_powers(
    types: &Types,
    leaf: &World,
    dependency: &Dependency,
    entry: &str,
) -> Result<Vec<String>, Error> {
    let mut denied = Vec::new();
    for (import, kind) in leaf.imports.iter().filter(|(_, kind)| !types_only(types, **kind)) {
        match powers::of_import(import) {
            Power::None => {}
            Power::Needs(category) | Power::EmptyUnless(category)
                if dependency.inherit.contains(category) => {}
            Power::EmptyUnless(_) => {
                debug_assert!(matches!(kind, ItemKind::Instance(_)));
                denied.push(import.clone());
            }
            Power::Needs(category) => {
                let file = dependency.source.display();
                let what = format!("the leaf {file} imports {import}, which it does not inherit");
                let hint = format!("add to this entry: inherit_configuration = [\"{category}\"]");
                return Err(wiring(entry, what, hint));
            }
            Power::Sockets => {
                let what = format!(
                    "the leaf {} imports {import}: a leaf may not open sockets",
                    dependency.source.display()
                );
                return Err(wiring(
                    entry,
                    what,
                    "let it use wasi:http, or make it a service of its own",
                ));
            }
            Power::Unknown => {
                let what = format!(
                    "the leaf {} imports {import}, which no leaf may have",
                    dependency.source.display()
                );
                let hint = "leaves are one level deep: build it without that import, or make it a service of its own";
                return Err(wiring(entry, what, hint));
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
