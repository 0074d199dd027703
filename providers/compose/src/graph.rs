//! The composition: a parent's imports, satisfied by the exports of its leaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error as StdError,
};

use gyre_manifest::{Component, Dependency, DependencyKey, DependencyName, Middleware};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId, PackageId};
use wac_types::{Package, Types, World};

use crate::{
    Composed, Error,
    check::{Guest, check_powers, exports_for, types_only, wiring},
    deny,
    middleware::{self, HANDLER},
    package::{chain, imports, register},
    powers,
};

pub(crate) struct Graph<'a> {
    component: &'a Component,
    graph: CompositionGraph,
    /// The parent as it was read: composing nothing returns just this.
    source: Vec<u8>,
    parent: PackageId,
    parent_instance: NodeId,
    satisfied: BTreeSet<String>,
    /// Imports to answer as empty, and whose they are.
    denied: BTreeMap<String, Vec<NodeId>>,
    /// What gets requests first: the parent, or the outermost middleware so far.
    front: NodeId,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(component: &'a Component, source: Vec<u8>) -> Result<Self, Error> {
        let mut graph = CompositionGraph::new();
        let key = format!("component.{}.source", component.id);
        let parent = register(&mut graph, "parent", &key, (&component.source, source.clone()))?;
        let parent_instance = graph.instantiate(parent);
        Ok(Self {
            component,
            graph,
            source,
            parent,
            parent_instance,
            satisfied: BTreeSet::new(),
            denied: BTreeMap::new(),
            front: parent_instance,
        })
    }

    /// Satisfies the parent's imports that `name` covers from a leaf, in an instance of its own.
    pub(crate) fn plug(&mut self, name: &str, dependency: &Dependency, bytes: Vec<u8>) -> Result<(), Error> {
        let entry = format!("component.{}.dependencies.\"{name}\"", self.component.id);
        let wanted = self.wanted(name, &entry)?;
        let guest = Guest {
            entry: &entry,
            source: &dependency.source,
            inherit: &dependency.inherit,
            served: None,
        };
        let (leaf, instance) = self.add(&format!("leaf {name}"), &guest, bytes)?;
        for (import, export) in exports_for(self.world(leaf), &wanted, dependency, &entry)? {
            self.connect((instance, export), (self.parent_instance, import), &entry)?;
            self.satisfied.insert(import.to_owned());
        }
        Ok(())
    }

    /// Puts middleware before the parent and what is before it already.
    pub(crate) fn wrap(&mut self, entry: &str, layer: &Middleware, bytes: Vec<u8>) -> Result<(), Error> {
        let guest = Guest {
            entry,
            source: &layer.source,
            inherit: &layer.inherit,
            served: Some(HANDLER),
        };
        let (package, instance) = self.add(entry, &guest, bytes)?;
        middleware::check(self.world(package), self.world(self.parent), &guest)?;
        self.connect((self.front, HANDLER), (instance, HANDLER), entry)?;
        self.front = instance;
        Ok(())
    }

    /// Puts another component in, with no more power than it was given.
    fn add(&mut self, name: &str, guest: &Guest<'_>, bytes: Vec<u8>) -> Result<(PackageId, NodeId), Error> {
        let package = register(&mut self.graph, name, guest.entry, (guest.source, bytes))?;
        let denied = check_powers(self.graph.types(), self.world(package), guest)?;
        let instance = self.graph.instantiate(package);
        for import in denied {
            self.denied.entry(import).or_default().push(instance);
        }
        Ok((package, instance))
    }

    /// Writes the composition, after refusing imports that only another component could satisfy.
    pub(crate) fn finish(mut self) -> Result<Composed, Error> {
        self.check_satisfied()?;
        if self.satisfied.is_empty() && self.front == self.parent_instance {
            let imports = imports(self.graph.types(), self.world(self.parent));
            return Ok(Composed {
                bytes: self.source,
                imports,
            });
        }
        let key = format!("component.{}", self.component.id);
        let failed = |error: &dyn StdError| Error::Encoding {
            key: key.clone(),
            what: chain(error),
        };
        self.deny(&key)?;
        self.export().map_err(|error| failed(error.as_ref()))?;
        let bytes = self
            .graph
            .encode(EncodeOptions::default())
            .map_err(|error| failed(&error))?;
        let mut types = Types::new();
        let package = Package::from_bytes("composed", None, bytes.as_slice(), &mut types)
            .map_err(|error| failed(error.as_ref()))?;
        let imports = imports(&types, &types[package.ty()]);
        Ok(Composed { bytes, imports })
    }

    /// Exports what the parent exports; behind middleware, the handler of the outermost one and nothing else.
    fn export(&mut self) -> Result<(), Box<dyn StdError>> {
        let exports: Vec<String> = if self.front == self.parent_instance {
            self.world(self.parent).exports.keys().cloned().collect()
        } else {
            vec![HANDLER.to_owned()]
        };
        for export in exports {
            let node = self.graph.alias_instance_export(self.front, &export)?;
            self.graph.export(node, &export)?;
        }
        Ok(())
    }

    fn world(&self, package: PackageId) -> &World {
        &self.graph.types()[self.graph[package].ty()]
    }

    /// The parent's imports that a key covers.
    fn wanted(&self, name: &str, entry: &str) -> Result<Vec<String>, Error> {
        let key = DependencyName::parse(name)
            .ok_or_else(|| wiring(entry, "not the name of a package", "write \"ns:package\""))?;
        let types = self.graph.types();
        let imports = &self.world(self.parent).imports;
        let covered = imports
            .iter()
            .filter(|(import, kind)| key.covers(import) && !types_only(types, **kind));
        let wanted: Vec<String> = covered.map(|(import, _)| import.clone()).collect();
        if !wanted.is_empty() {
            return Ok(wanted);
        }
        let others = imports
            .iter()
            .filter(|(import, kind)| !powers::is_host(import) && !types_only(types, **kind));
        let others: Vec<&str> = others.map(|(import, _)| import.as_str()).collect();
        let hint = match others.as_slice() {
            [] => "remove the entry: the component needs no leaf".to_owned(),
            others => format!(
                "it imports: {}; the key and its version must match one",
                others.join(", ")
            ),
        };
        Err(wiring(entry, "the component imports nothing of that name", hint))
    }

    /// Answers denied imports with nothing: one instance does it for all.
    fn deny(&mut self, key: &str) -> Result<(), Error> {
        let denied = std::mem::take(&mut self.denied);
        if denied.is_empty() {
            return Ok(());
        }
        let failed = |error: &dyn StdError| Error::Encoding {
            key: key.to_owned(),
            what: chain(error),
        };
        let names: Vec<&str> = denied.keys().map(String::as_str).collect();
        let bytes = wat::parse_str(deny::component_text(&names)).map_err(|error| failed(&error))?;
        let package = Package::from_bytes("deny", None, bytes, self.graph.types_mut())
            .map_err(|error| failed(error.as_ref()))?;
        let package = self
            .graph
            .register_package(package)
            .map_err(|error| failed(&error))?;
        let instance = self.graph.instantiate(package);
        for (import, guests) in &denied {
            for guest in guests {
                self.connect((instance, import), (*guest, import), key)?;
            }
        }
        Ok(())
    }

    /// Lets an export of one serve an import of another.
    fn connect(&mut self, from: (NodeId, &str), to: (NodeId, &str), entry: &str) -> Result<(), Error> {
        let mismatch = |error: &dyn StdError| {
            let what = format!(
                "what is exported as {} has another type: {}",
                from.1,
                chain(error)
            );
            wiring(
                entry,
                what,
                "build the component and its leaf again from one set of WIT files",
            )
        };
        let node = self
            .graph
            .alias_instance_export(from.0, from.1)
            .map_err(|error| mismatch(&error))?;
        self.graph
            .set_instantiation_argument(to.0, to.1, node)
            .map_err(|error| mismatch(&error))
    }

    fn check_satisfied(&self) -> Result<(), Error> {
        let types = self.graph.types();
        let open = self.world(self.parent).imports.iter().find(|(import, kind)| {
            !powers::is_host(import) && !self.satisfied.contains(*import) && !types_only(types, **kind)
        });
        let Some((import, _)) = open else { return Ok(()) };
        let package = DependencyKey::parse(import).map_or_else(|| import.clone(), |key| key.package);
        Err(wiring(
            format!("component.{}.dependencies", self.component.id),
            format!("nothing satisfies the import {import}"),
            format!("add \"{package}\" = {{ path = \"<a component that exports it>.wasm\" }}"),
        ))
    }
}
