//! An application changed by who runs it: a part of it, its files fetched.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use crate::{App, Component, Error, Handler, HttpTrigger, RemoteFile, Route, Source, error::Problem};

/// Ends the host name of a component.
const INTERNAL_SUFFIX: &str = ".spin.internal";

impl App {
    /// The application with these components only. Their calls of components that are left out are no longer granted.
    pub fn subset(mut self, ids: &[&str]) -> Result<Self, Error> {
        for id in ids {
            self.known(id)?;
        }
        let kept: BTreeSet<&str> = ids.iter().copied().collect();
        self.components.retain(|id, _| kept.contains(id.as_str()));
        self.triggers
            .retain(|trigger| trigger.component().is_some_and(|id| kept.contains(id)));
        self.redis_triggers
            .retain(|trigger| kept.contains(trigger.component.as_str()));
        for component in self.components.values_mut() {
            component
                .allowed_outbound_hosts
                .retain(|host| neighbour(host).is_none_or(|id| kept.contains(id)));
        }
        Ok(self)
    }

    /// Lets clients reach a component at `route`, beside whatever other triggers there are.
    pub fn publish(&mut self, id: &str, route: Route) -> Result<(), Error> {
        self.known(id)?;
        self.triggers.retain(|trigger| trigger.component() != Some(id));
        self.triggers.push(HttpTrigger {
            handler: Handler::Component(id.to_owned()),
            route,
        });
        Ok(())
    }

    /// Sets a variable of a component.
    pub fn set_component_variable(&mut self, id: &str, name: &str, value: &str) -> Result<(), Error> {
        self.known(id)?;
        if let Some(component) = self.components.get_mut(id) {
            component.variables.insert(name.to_owned(), value.to_owned());
        }
        Ok(())
    }

    /// The components that something starts, by id. Others are leaves of these, or nothing.
    pub fn started(&self) -> impl Iterator<Item = (&String, &Component)> {
        let http = self.triggers.iter().filter_map(HttpTrigger::component);
        let redis = self.redis_triggers.iter().map(|it| it.component.as_str());
        let named: BTreeSet<&str> = http.chain(redis).collect();
        self.components
            .iter()
            .filter(move |(id, component)| named.contains(id.as_str()) || component.tick_ms.is_some())
    }

    /// What has to be fetched before the application can run, each once.
    #[must_use]
    pub fn remote_files(&self) -> BTreeSet<RemoteFile> {
        let sources = self.components.values().flat_map(Component::sources);
        let remote = sources.filter_map(|source| match source {
            Source::Url(remote) => Some(remote.clone()),
            Source::File(_) => None,
        });
        remote.collect()
    }

    /// Puts fetched files in the place of their URLs.
    pub fn replace_remote(&mut self, files: &BTreeMap<RemoteFile, PathBuf>) {
        let sources = self.components.values_mut().flat_map(Component::sources_mut);
        for source in sources {
            if let Source::Url(remote) = source
                && let Some(path) = files.get(remote)
            {
                *source = Source::File(path.clone());
            }
        }
    }

    fn known(&self, id: &str) -> Result<(), Error> {
        if self.components.contains_key(id) {
            return Ok(());
        }
        let there: Vec<&str> = self.components.keys().map(String::as_str).collect();
        let hint = format!("declare it; the components are: {}", there.join(", "));
        Err(Problem::new(format!("component.{id}"), "there is no such component", hint).into())
    }
}

/// The component that a granted host means, if it means one.
fn neighbour(host: &str) -> Option<&str> {
    host.strip_prefix("http://")?.strip_suffix(INTERNAL_SUFFIX)
}
