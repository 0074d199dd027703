//! Reads what a built component imports and exports, and holds it against golden files.

pub mod components;
mod golden;

pub use golden::Golden;

use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldItem, WorldKey};

/// The two sides of a component, each name once and sorted.
#[derive(Debug, PartialEq, Eq)]
pub struct Contract {
    /// What it needs.
    pub imports: BTreeSet<String>,
    /// What it gives.
    pub exports: BTreeSet<String>,
}

impl Contract {
    /// Decodes a component.
    pub fn read(file: &Path) -> Result<Self> {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let decoded =
            wit_component::decode(&bytes).with_context(|| format!("cannot decode {}", file.display()))?;
        let DecodedWasm::Component(resolve, world) = decoded else {
            bail!("{} is a WIT package, no component", file.display());
        };
        let world = &resolve.worlds[world];
        let names = |items: &mut dyn Iterator<Item = (&WorldKey, &WorldItem)>| {
            items
                .filter(|(_, item)| !matches!(item, WorldItem::Type { .. }))
                .map(|(key, _)| name(&resolve, key))
                .collect()
        };
        Ok(Self {
            imports: names(&mut world.imports.iter()),
            exports: names(&mut world.exports.iter()),
        })
    }

    /// As a golden file has it.
    #[must_use]
    pub fn print(&self, world: &str) -> String {
        let mut out = format!("world {world} {{\n");
        for (side, names) in [("import", &self.imports), ("export", &self.exports)] {
            for name in names {
                // Writing to a String cannot fail.
                let _ = writeln!(out, "  {side} {name};");
            }
        }
        out.push_str("}\n");
        out
    }
}

fn name(resolve: &Resolve, key: &WorldKey) -> String {
    resolve.name_world_key(key)
}
