//! From drafts to components: sources that a host can load, dependencies on other components, what leaves inherit.

use std::collections::BTreeMap;

use crate::{
    Component, Dependency, Inherit, Middleware, Source,
    component::Draft,
    dependency::{self, Written, WrittenLeaf},
    error::Problem,
};

/// Resolves what components and triggers name.
pub(crate) struct Drafts(pub(crate) BTreeMap<String, Draft>);

impl Drafts {
    /// The components, each with its leaves.
    pub(crate) fn components(mut self) -> Result<BTreeMap<String, Component>, Problem> {
        let mut resolved = BTreeMap::new();
        for (id, draft) in &self.0 {
            let source = draft.source.usable(&draft.source_key)?;
            resolved.insert(id.clone(), (source, self.dependencies(draft)?));
        }
        let mut components = BTreeMap::new();
        for (id, (source, dependencies)) in resolved {
            if let Some(draft) = self.0.remove(&id) {
                let component = Component {
                    source,
                    dependencies,
                    ..draft.component
                };
                components.insert(id, component);
            }
        }
        Ok(components)
    }

    /// Middleware that a trigger names.
    pub(crate) fn middleware(&self, written: &Written) -> Result<Middleware, Problem> {
        Ok(Middleware {
            source: self.source(written)?,
            inherit: written.inherit.clone().unwrap_or_default(),
        })
    }

    fn dependencies(&self, draft: &Draft) -> Result<BTreeMap<String, Dependency>, Problem> {
        dependency::check_disjoint(&draft.dependencies)?;
        let all = match &draft.inherit_all {
            None => None,
            Some((key, all)) => {
                if let Some(said) = draft.dependencies.values().find(|it| it.inherit.is_some()) {
                    let what = format!("it and {}.inherit_configuration exclude each other", said.key);
                    let hint = "say it for all leaves here, or for each leaf at its entry";
                    return Err(Problem::new(key, what, hint));
                }
                all.then(Inherit::all)
            }
        };
        let mut resolved = BTreeMap::new();
        for (name, written) in &draft.dependencies {
            let dependency = Dependency {
                source: self.source(written)?,
                export: written.export.clone(),
                inherit: written
                    .inherit
                    .clone()
                    .or_else(|| all.clone())
                    .unwrap_or_default(),
            };
            resolved.insert(name.clone(), dependency);
        }
        Ok(resolved)
    }

    fn source(&self, written: &Written) -> Result<Source, Problem> {
        let id = match &written.source {
            WrittenLeaf::Source(source) => return source.usable(&written.key),
            WrittenLeaf::Component(id) => id,
        };
        let leaf = self.0.get(id).ok_or_else(|| {
            Problem::new(
                &written.key,
                format!("there is no component `{id}`"),
                "declare it, or use { path = \"…\" }",
            )
        })?;
        if let Some(owned) = owned_by(leaf) {
            return Err(Problem::new(
                &written.key,
                format!("component `{id}` has `{owned}` of its own, which a leaf may not have"),
                format!("remove [component.{id}] {owned}, or reach it as http://{id}.spin.internal"),
            ));
        }
        leaf.source.usable(&leaf.source_key)
    }
}

/// What a component has of its own: a leaf shares its parent's grants and has nothing else.
fn owned_by(leaf: &Draft) -> Option<&'static str> {
    let component = &leaf.component;
    let files = component.files.is_empty() && component.file_patterns.is_empty();
    [
        ("dependencies", leaf.dependencies.is_empty()),
        ("variables", component.variables.is_empty()),
        ("environment", component.environment.is_empty()),
        ("files", files),
        (
            "allowed_outbound_hosts",
            component.allowed_outbound_hosts.is_empty(),
        ),
        ("key_value_stores", component.key_value_stores.is_empty()),
        ("sqlite_databases", component.sqlite_databases.is_empty()),
        ("ai_models", component.ai_models.is_empty()),
        ("tool.gyre.local_models", !component.local_models),
    ]
    .into_iter()
    .find_map(|(name, empty)| (!empty).then_some(name))
}
