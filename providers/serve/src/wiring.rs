//! The components and routes of an application at one moment. A reload makes another one; calls that run keep theirs.

use crate::BuildError;
use crate::fixed::{self, Fixed};
use crate::service::Service;
use crate::shared::Shared;
use bytes::Bytes;
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
    /// The answers that stand in the manifest, by route.
    pub(crate) fixed: BTreeMap<String, Fixed>,
    /// What the application says of itself, as JSON.
    pub(crate) info: Bytes,
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
        let services = manifest
            .started()
            .map(service)
            .collect::<Result<_, BuildError>>()?;
        check_triggers(manifest, &services)?;
        Ok(Self {
            services,
            router: Router::new(&manifest.triggers).map_err(gyre_manifest::Error::from)?,
            fixed: fixed::all(&manifest.triggers)?,
            info: info(&manifest.name),
        })
    }
}

/// Every component must export what its triggers call.
fn check_triggers(manifest: &Manifest, services: &BTreeMap<String, Arc<Service>>) -> Result<(), BuildError> {
    let lacks = |component: &str, trigger, export| {
        Err(BuildError::NoExport {
            component: component.to_owned(),
            trigger,
            export,
        })
    };
    let entry = |component: &str| services.get(component).map(|service| &service.entry);
    for component in manifest.triggers.iter().filter_map(|trigger| trigger.component()) {
        if entry(component).is_some_and(|entry| entry.http.is_none()) {
            return lacks(component, "http", "wasi:http/handler@0.3.0");
        }
    }
    for trigger in &manifest.redis_triggers {
        if entry(&trigger.component).is_some_and(|entry| entry.channel.is_none()) {
            return lacks(&trigger.component, "redis", "spin:redis/inbound-redis@3.0.0");
        }
    }
    Ok(())
}

/// What Spin tells at `/.well-known/spin/info`.
fn info(name: &str) -> Bytes {
    Bytes::from(format!("{:#}", serde_json::json!({ "name": name })))
}
