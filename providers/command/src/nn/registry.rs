//! The models that a module may load, by name.

use super::bounds::{Bounds, CONTEXTS_MAX, LOADS_MAX};
use super::context::Context;
use gyre_capability_nn::session::Graph as Opened;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use wasmtime_wasi_nn::backend::{BackendError, BackendExecutionContext, BackendGraph};
use wasmtime_wasi_nn::{ExecutionContext, Graph, GraphRegistry};

/// The models granted.
pub(super) struct Named {
    graphs: BTreeMap<String, Graph>,
    bounds: Arc<Bounds>,
}

/// One of them.
struct Model {
    graph: Opened,
    bounds: Arc<Bounds>,
    stopped: watch::Receiver<bool>,
}

impl Named {
    pub(super) fn new(bounds: Arc<Bounds>) -> Self {
        Self {
            graphs: BTreeMap::new(),
            bounds,
        }
    }

    /// Makes a model loadable.
    pub(super) fn add(&mut self, name: &str, graph: Opened, stopped: watch::Receiver<bool>) {
        let model: Box<dyn BackendGraph> = Box::new(Model {
            graph,
            bounds: Arc::clone(&self.bounds),
            stopped,
        });
        self.graphs.insert(name.to_owned(), model.into());
    }

    fn found(&self, name: &str) -> bool {
        if !self.graphs.contains_key(name) {
            tracing::warn!("the model `{name}` is not granted; hint: --model {name} grants it");
            return false;
        }
        let loaded = self.bounds.loads.take(1, LOADS_MAX);
        if !loaded {
            tracing::warn!(
                "a model was loaded over {LOADS_MAX} times; hint: load it once and keep the graph"
            );
        }
        loaded
    }
}

impl GraphRegistry for Named {
    fn get(&self, name: &str) -> Option<&Graph> {
        self.found(name).then(|| self.graphs.get(name)).flatten()
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Graph> {
        self.found(name).then(|| self.graphs.get_mut(name)).flatten()
    }
}

impl BackendGraph for Model {
    fn init_execution_context(&self) -> Result<ExecutionContext, BackendError> {
        if !self.bounds.contexts.take(1, CONTEXTS_MAX) {
            tracing::warn!(
                "over {CONTEXTS_MAX} execution contexts; hint: use one again, it takes a new input"
            );
            return Err(BackendError::NotEnoughMemory(CONTEXTS_MAX));
        }
        let context: Box<dyn BackendExecutionContext> = Box::new(Context::new(
            self.graph.session(),
            Arc::clone(&self.bounds),
            self.stopped.clone(),
        ));
        Ok(context.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_capability_nn::CATALOG;
    use gyre_capability_nn::session::Models;
    use wasmtime_wasi_nn::backend::Id;

    /// The sender must outlive what computes: without it the program counts as ended.
    async fn catalog() -> (Named, watch::Sender<bool>) {
        let models = Models::new(None, Arc::from([]));
        let graph = models.graph(CATALOG).await.expect("is always there");
        let mut named = Named::new(Arc::default());
        let (stopping, stopped) = watch::channel(false);
        named.add(CATALOG, graph, stopped);
        (named, stopping)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_catalog_is_read_by_index_and_other_names_are_unknown() {
        let (mut named, _stopping) = catalog().await;
        assert!(named.get_mut("talk").is_none());
        let graph = named.get_mut(CATALOG).expect("is granted");
        let mut context = graph.init_execution_context().expect("opens");
        assert!(
            context.get_output(Id::Index(0)).is_err(),
            "nothing is computed yet"
        );
        context.compute().expect("computes");
        assert_eq!(context.get_output(Id::Index(0)).expect("is there").data, b"[]");
        assert!(context.get_output(Id::Index(1)).is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn loads_are_bounded() {
        let (named, _stopping) = catalog().await;
        for _ in 0..LOADS_MAX {
            assert!(named.get(CATALOG).is_some());
        }
        assert!(named.get(CATALOG).is_none());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn contexts_are_bounded() {
        let (named, _stopping) = catalog().await;
        let graph = named.get(CATALOG).expect("is granted");
        let open = || graph.init_execution_context();
        let held: Vec<_> = (0..CONTEXTS_MAX).map(|_| open().ok()).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(open().is_err());
        drop(held);
        assert!(open().is_ok());
    }
}
