//! The components and routes of an application at one moment. A reload makes another one; calls that run keep theirs.

use crate::BuildError;
use crate::service::{Service, Shared};
use gyre_manifest::{App as Manifest, ResolvedVariables, Router};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a reload looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The manifest is another: everything.
    Manifest,
    /// Files of these components.
    Components(BTreeSet<String>),
}

pub(crate) struct Wiring {
    pub(crate) services: BTreeMap<String, Arc<Service>>,
    pub(crate) router: Router,
}

impl Wiring {
    /// Everything as the manifest says it.
    pub(crate) fn build(
        shared: &Arc<Shared>,
        manifest: &Manifest,
        variables: &ResolvedVariables,
    ) -> Result<Self, BuildError> {
        Self::remake(shared, manifest, variables, |_| None)
    }

    /// The same, but for what has changed. An error leaves the old one as it is.
    pub(crate) fn changed(
        &self,
        shared: &Arc<Shared>,
        manifest: &Manifest,
        variables: &ResolvedVariables,
        change: &Change,
    ) -> Result<Self, BuildError> {
        Self::remake(shared, manifest, variables, |id| match change {
            Change::Components(changed) if !changed.contains(id) => self.services.get(id).cloned(),
            _ => None,
        })
    }

    fn remake(
        shared: &Arc<Shared>,
        manifest: &Manifest,
        variables: &ResolvedVariables,
        kept: impl Fn(&str) -> Option<Arc<Service>>,
    ) -> Result<Self, BuildError> {
        let service = |(id, component): (&String, _)| {
            let service = match kept(id) {
                Some(service) => service,
                None => Arc::new(Service::build(shared, component, variables)?),
            };
            Ok((id.clone(), service))
        };
        Ok(Self {
            services: manifest
                .components
                .iter()
                .map(service)
                .collect::<Result<_, BuildError>>()?,
            router: Router::new(&manifest.triggers).map_err(gyre_manifest::Error::from)?,
        })
    }
}
