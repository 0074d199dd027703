//! An application ready to be called.

use crate::admission::Admission;
use crate::counted::counted;
use crate::engine::{self, PoolConfig};
use crate::metrics::Metrics;
use crate::neighbours::{Neighbours, Way};
use crate::observe::{self, Observed};
use crate::sandbox;
use crate::service::{Service, Shared};
use crate::wiring::{Change, Wiring};
use crate::{BuildError, CallError, scrape};
use gyre_capability_key_value::Stores;
use gyre_capability_otel::Telemetry;
use gyre_capability_sqlite::Databases;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::{Handler, ResolvedVariables};
use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use wasmtime::component::Linker;
use wasmtime_wasi_http::{Error, WasiBody};

/// Calls one behind another at most, so that a circle ends.
const HOPS_MAX: u8 = 12;

/// What an application needs beside its manifest.
pub struct Config {
    /// Sandboxes that run at once, over all components.
    pub sandboxes_max: u32,
    /// Where compiled components are kept between starts.
    pub cache_dir: PathBuf,
    /// The SQLite databases of this application.
    pub databases: Databases,
    /// The key-value stores of this application.
    pub key_value: Stores,
    /// The engine behind wasi-nn; without one every model is absent, and says so.
    pub inference: Option<Inference>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where spans go.
    pub telemetry: Telemetry,
}

/// A manifest's components, compiled and linked, and its routes.
pub struct App {
    /// Replaced as a whole by a reload; never locked across an await.
    wiring: RwLock<Arc<Wiring>>,
    rewired: watch::Sender<()>,
    shared: Arc<Shared>,
    admission: Admission,
}

impl App {
    /// Composes, compiles and links every component.
    pub fn build(
        manifest: &gyre_manifest::App,
        variables: &ResolvedVariables,
        config: Config,
    ) -> Result<Arc<Self>, BuildError> {
        let memory_bytes_max = manifest
            .components
            .values()
            .map(|component| component.limits.memory_bytes_max)
            .max()
            .unwrap_or(0);
        let (engine, cache) = engine::build(&PoolConfig {
            sandboxes_max: config.sandboxes_max,
            memory_bytes_max,
            cache_dir: &config.cache_dir,
        })?;
        let mut linker = Linker::new(&engine);
        sandbox::link(&mut linker).map_err(BuildError::Engine)?;
        let shared = Arc::new(Shared {
            engine,
            linker,
            databases: Arc::new(config.databases),
            key_value: Arc::new(config.key_value),
            inference: config.inference,
            metrics: config.metrics,
            telemetry: config.telemetry,
            cache,
            memory_bytes_max,
        });
        Ok(Arc::new(Self {
            wiring: RwLock::new(Arc::new(Wiring::build(&shared, manifest, variables)?)),
            rewired: watch::Sender::new(()),
            shared,
            admission: Admission::new(config.sandboxes_max),
        }))
    }

    /// Takes a change into the running application: calls that run finish on the old components, new ones get the new.
    /// Compiles, so it blocks. An error leaves everything as it was.
    pub fn reload(
        &self,
        manifest: &gyre_manifest::App,
        variables: &ResolvedVariables,
        change: &Change,
    ) -> Result<(), BuildError> {
        let rewired = self.wiring().changed(&self.shared, manifest, variables, change);
        self.shared.metrics.reloaded(rewired.is_ok());
        *self.wiring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rewired?);
        self.rewired.send_replace(());
        Ok(())
    }

    /// What answers `path`, when it is asked from outside.
    pub fn route(&self, path: &str) -> Option<Handler> {
        self.wiring()
            .router
            .find(path)
            .map(|(handler, _, _)| handler.clone())
    }

    fn wiring(&self) -> Arc<Wiring> {
        Arc::clone(&self.wiring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes with every reload.
    pub(crate) fn rewired(&self) -> watch::Receiver<()> {
        self.rewired.subscribe()
    }

    /// The components that are ticked.
    pub(crate) fn ticking(&self) -> Vec<String> {
        let ticking = |(id, service): (&String, &Arc<Service>)| service.tick_every.map(|_| id.clone());
        self.wiring().services.iter().filter_map(ticking).collect()
    }

    /// How often a component is ticked, if it is.
    pub(crate) fn tick_every(&self, component: &str) -> Option<Duration> {
        self.wiring().services.get(component)?.tick_every
    }

    /// Runs a component's tick.
    pub(crate) async fn tick(
        self: &Arc<Self>,
        component: &str,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, CallError> {
        self.call(component, request, Way::FIRST_TICK).await
    }

    /// Counts a tick.
    pub(crate) fn ticked(&self, component: &str, well: bool) {
        self.shared.metrics.ticked(component, well);
    }

    /// All metrics, in the text format of OpenMetrics.
    pub(crate) async fn metrics_text(&self) -> Result<String, std::fmt::Error> {
        let Shared {
            metrics,
            inference,
            cache,
            telemetry,
            ..
        } = &*self.shared;
        scrape::render(metrics.registry(), inference.as_ref(), cache, telemetry).await
    }

    /// Runs a component on a request that comes from outside.
    pub async fn serve(
        self: &Arc<Self>,
        component: &str,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, CallError> {
        self.call(component, request, Way::FIRST).await
    }

    pub(crate) async fn call(
        self: &Arc<Self>,
        component: &str,
        request: Request<WasiBody>,
        way: Way,
    ) -> Result<Response<WasiBody>, CallError> {
        let called = self.admitted(component, request, way).await;
        called.inspect_err(|error| self.shared.metrics.refused(error))
    }

    async fn admitted(
        self: &Arc<Self>,
        component: &str,
        request: Request<WasiBody>,
        way: Way,
    ) -> Result<Response<WasiBody>, CallError> {
        if way.hops > HOPS_MAX {
            return Err(CallError::TooManyHops(HOPS_MAX));
        }
        let service = self
            .wiring()
            .services
            .get(component)
            .cloned()
            .ok_or_else(|| CallError::NotFound(component.to_owned()))?;
        let permit = self.admission.enter()?;
        let parent = observe::parent(request.headers());
        let trace = self.shared.telemetry.begin(&service.id, way.operation, parent);
        let observed = Observed::begin(&service.meter, &trace);
        let mut request = request.map(|body| {
            let body = counted(body, &service.meter.request_bytes);
            bounded(body, service.limits.request_bytes_max)
        });
        observe::name_parent(request.headers_mut(), trace.context());
        let neighbours = Arc::new(Neighbours {
            app: Arc::clone(self),
            service: Arc::clone(&service),
            trace: Arc::clone(&trace),
            hops: way.hops,
        });
        let store = match service.store(neighbours, trace) {
            Ok(store) => store,
            Err(error) => {
                observed.fail(&error);
                return Err(error);
            }
        };
        let response = crate::call::call(Arc::clone(&service), store, permit, request, observed).await?;
        Ok(response.map(|body| counted(body, &service.meter.response_bytes)))
    }
}

/// A body that fails when it is longer than `limit_bytes`.
fn bounded(body: WasiBody, limit_bytes: u64) -> WasiBody {
    let limit = usize::try_from(limit_bytes).unwrap_or(usize::MAX);
    Limited::new(body, limit)
        .map_err(move |error| match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(_limit_reached) => Error::HttpRequestBodySize(Some(limit_bytes)),
        })
        .boxed_unsync()
}
