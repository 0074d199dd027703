//! An application ready to be called.

use crate::admission::{Admission, Leave};
use crate::engine::{self, PoolConfig};
use crate::idle::IDLE_MAX;
use crate::sandbox;
use crate::service::{Service, Shared, overloaded};
use crate::{BuildError, CallError, Failure};
use gyre_capability_http::{Chain, ChainFuture};
use gyre_capability_key_value::Stores;
use gyre_capability_sqlite::Databases;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::{Handler, InstancePolicy, ResolvedVariables, Router};
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::{BodyExt, Limited};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use wasmtime::component::Linker;
use wasmtime_wasi_http::{Error, WasiBody};

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
}

/// A manifest's components, compiled and linked, and its routes.
pub struct App {
    services: BTreeMap<String, Arc<Service>>,
    router: Router,
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
        let engine = engine::build(&PoolConfig {
            sandboxes_max: config.sandboxes_max.saturating_add(idle_max(manifest)),
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
        });
        let services = manifest
            .components
            .iter()
            .map(|(id, component)| {
                Ok((
                    id.clone(),
                    Arc::new(Service::build(&shared, component, variables)?),
                ))
            })
            .collect::<Result<_, BuildError>>()?;
        Ok(Arc::new(Self {
            services,
            router: Router::new(&manifest.triggers).map_err(gyre_manifest::Error::from)?,
            admission: Admission::new(config.sandboxes_max),
        }))
    }

    /// What answers `path`, when it is asked from outside.
    pub fn route(&self, path: &str) -> Option<&Handler> {
        self.router.find(path).map(|(handler, _, _)| handler)
    }

    /// Runs a component on a request that comes from outside.
    pub async fn serve(
        self: &Arc<Self>,
        component: &str,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, Failure> {
        self.call(component, request, 0).await
    }

    /// Sandboxes that answer a call.
    pub fn sandboxes_running(&self) -> usize {
        self.admission.taken()
    }

    /// Sandboxes that wait to be used again.
    pub fn sandboxes_idle(&self) -> usize {
        self.services.values().map(|service| service.idle.count()).sum()
    }

    pub(crate) async fn call(
        self: &Arc<Self>,
        component: &str,
        request: Request<WasiBody>,
        hops: u16,
    ) -> Result<Response<WasiBody>, Failure> {
        let (service, leave) = self.admit(component, &request, hops).map_err(Failure::report)?;
        let limit_bytes = service.limits.request_bytes_max;
        let request = request.map(|body| bounded(body, limit_bytes));
        let chain = Arc::new(Neighbours {
            app: Arc::clone(self),
            hops,
        });
        crate::call::call(Arc::clone(service), chain, leave, request).await
    }

    /// The component, and leave to run it on this request.
    fn admit(
        &self,
        component: &str,
        request: &Request<WasiBody>,
        hops: u16,
    ) -> Result<(&Arc<Service>, Leave), CallError> {
        let service = self
            .services
            .get(component)
            .ok_or_else(|| CallError::NotFound(component.to_owned()))?;
        service.takes(hops, request.body().size_hint().lower())?;
        let leave = Leave {
            _call: service.calls.enter().ok_or_else(|| service.too_many_calls())?,
            _sandbox: self.admission.enter().ok_or_else(overloaded)?,
        };
        Ok((service, leave))
    }
}

/// Sandboxes that wait to be used again, at most.
fn idle_max(manifest: &gyre_manifest::App) -> u32 {
    manifest
        .components
        .values()
        .filter(|component| component.instance == InstancePolicy::Reuse)
        .fold(0, |sum: u32, _| sum.saturating_add(IDLE_MAX))
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

/// Service chaining: the rest of the application, as one sandbox sees it.
struct Neighbours {
    app: Arc<App>,
    /// Calls that led here.
    hops: u16,
}

impl Chain for Neighbours {
    fn call(&self, target: &str, request: Request<WasiBody>) -> ChainFuture {
        let (app, target, hops) = (Arc::clone(&self.app), target.to_owned(), self.hops + 1);
        Box::pin(async move { app.call(&target, request, hops).await.map_err(Into::into) })
    }
}
