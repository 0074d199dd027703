//! An application ready to be called.

use crate::admission::Admission;
use crate::engine::{self, PoolConfig};
use crate::sandbox;
use crate::service::{Service, Shared};
use crate::{BuildError, CallError};
use gyre_capability_http::{Chain, ChainFuture};
use gyre_capability_key_value::Stores;
use gyre_capability_llm::{Backend, Remote};
use gyre_capability_sqlite::Databases;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::{Handler, ResolvedVariables, Router};
use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
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
    /// What answers `fermyon:spin/llm`, where it is not that engine.
    pub llm: Option<Remote>,
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
            llm: llm(config.llm, config.inference.as_ref()),
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
    ) -> Result<Response<WasiBody>, CallError> {
        self.call(component, request, 0).await
    }

    pub(crate) async fn call(
        self: &Arc<Self>,
        component: &str,
        request: Request<WasiBody>,
        hops: u8,
    ) -> Result<Response<WasiBody>, CallError> {
        if hops > HOPS_MAX {
            return Err(CallError::TooManyHops(HOPS_MAX));
        }
        let service = self
            .services
            .get(component)
            .ok_or_else(|| CallError::NotFound(component.to_owned()))?;
        let permit = self.admission.enter()?;
        let request = request.map(|body| bounded(body, service.limits.request_bytes_max));
        let store = service.store(Arc::new(Neighbours {
            app: Arc::clone(self),
            hops,
        }))?;
        crate::call::call(Arc::clone(service), store, permit, request).await
    }
}

/// A server that was named comes before the engine that is there anyway.
fn llm(remote: Option<Remote>, inference: Option<&Inference>) -> Backend {
    match (remote, inference) {
        (Some(remote), _) => Backend::Remote(remote),
        (None, Some(engine)) => Backend::Engine(engine.clone()),
        (None, None) => Backend::None,
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

/// Service chaining: the rest of the application, as one sandbox sees it.
struct Neighbours {
    app: Arc<App>,
    /// Calls that led here.
    hops: u8,
}

impl Chain for Neighbours {
    fn call(&self, target: &str, request: Request<WasiBody>) -> ChainFuture {
        let (app, target, hops) = (Arc::clone(&self.app), target.to_owned(), self.hops + 1);
        Box::pin(async move {
            app.call(&target, request, hops).await.map_err(|error| {
                error.report();
                error.into()
            })
        })
    }
}
