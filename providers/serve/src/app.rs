//! An application ready to be called.

use crate::admission::{Admission, Leave};
use crate::engine::{self, PoolConfig};
use crate::fixed::{self, Fixed};
use crate::guest_log::GuestOutput;
use crate::idle::IDLE_MAX;
use crate::mounts;
use crate::neighbours::Neighbours;
use crate::redis_trigger::Subscription;
use crate::sandbox;
use crate::service::{Service, Shared, overloaded};
use crate::{BuildError, CallError, Failure};
use bytes::Bytes;
use gyre_capability_http::{Chain, Networking, Outbound};
use gyre_capability_key_value::Stores;
use gyre_capability_llm::{Backend, Remote};
use gyre_capability_sqlite::Databases;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::{Handler, InstancePolicy, ResolvedVariables, RouteMatch, RoutePattern, Router};
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::{BodyExt, Limited};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use wasmtime::component::Linker;
use wasmtime_wasi_http::{Error, WasiBody};

/// What an application needs beside its manifest.
pub struct Config {
    /// Sandboxes that run at once, over all components.
    pub sandboxes_max: u32,
    /// Where compiled components are kept between starts.
    pub cache_dir: PathBuf,
    /// Where files that components may read are put together.
    pub files_dir: PathBuf,
    /// The SQLite databases of this application.
    pub databases: Databases,
    /// The key-value stores of this application.
    pub key_value: Stores,
    /// The engine behind wasi-nn; without one every model is absent, and says so.
    pub inference: Option<Inference>,
    /// What answers `fermyon:spin/llm`, where it is not that engine.
    pub llm: Option<Remote>,
    /// What the operator says about outgoing connections.
    pub networking: Networking,
    /// Where the output of guests goes.
    pub guest_output: GuestOutput,
}

/// A manifest's components, compiled and linked, and its routes.
pub struct App {
    services: BTreeMap<String, Arc<Service>>,
    router: Router,
    fixed: BTreeMap<String, Fixed>,
    info: Bytes,
    admission: Admission,
    subscriptions: Vec<Subscription>,
    /// Where it listens, once it does: its name in calls to itself.
    address: OnceLock<SocketAddr>,
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
            llm: llm(config.llm, config.inference.as_ref()),
            inference: config.inference,
            files_dir: config.files_dir,
            postgres: Arc::default(),
            outbound: Arc::new(Outbound::new(&config.networking)),
            guest_output: config.guest_output,
        });
        mounts::sweep(&shared.files_dir);
        let services = manifest
            .started()
            .map(|(id, component)| {
                Ok((
                    id.clone(),
                    Arc::new(Service::build(&shared, component, variables)?),
                ))
            })
            .collect::<Result<_, BuildError>>()?;
        check_triggers(manifest, &services)?;
        Ok(Arc::new(Self {
            services,
            router: Router::new(&manifest.triggers).map_err(gyre_manifest::Error::from)?,
            fixed: fixed::all(&manifest.triggers)?,
            info: info(&manifest.name),
            admission: Admission::new(config.sandboxes_max),
            subscriptions: Subscription::resolve(&manifest.redis_triggers, variables)?,
            address: OnceLock::new(),
        }))
    }

    /// What answers `path` when it is asked from outside, and by which route.
    pub(crate) fn find(&self, path: &str) -> Option<(&Handler, &RoutePattern, RouteMatch)> {
        self.router.find(path)
    }

    /// The answer that stands in the manifest for this route.
    pub(crate) fn fixed(&self, route: &str) -> Option<&Fixed> {
        self.fixed.get(route)
    }

    /// What the application says of itself, as JSON.
    pub(crate) fn info(&self) -> Bytes {
        self.info.clone()
    }

    /// Tells the application where it can be reached.
    pub(crate) fn listens_on(&self, address: SocketAddr) {
        // The first socket is the one that counts.
        let _ = self.address.set(address);
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
        let bytes_min = request.body().size_hint().lower();
        let admitted = self.admit(component, bytes_min, hops);
        let (service, leave) = admitted.map_err(Failure::report)?;
        let limit_bytes = service.limits.request_bytes_max;
        let request = request.map(|body| bounded(body, limit_bytes));
        crate::call::call(Arc::clone(service), self.neighbours(hops), leave, request).await
    }

    /// The component, and leave to run it on something of at least so many bytes.
    pub(crate) fn admit(
        &self,
        component: &str,
        bytes_min: u64,
        hops: u16,
    ) -> Result<(&Arc<Service>, Leave), CallError> {
        let service = self
            .services
            .get(component)
            .ok_or_else(|| CallError::NotFound(component.to_owned()))?;
        service.takes(hops, bytes_min)?;
        let leave = Leave {
            _call: service.calls.enter().ok_or_else(|| service.too_many_calls())?,
            _sandbox: self.admission.enter().ok_or_else(overloaded)?,
        };
        Ok((service, leave))
    }

    /// The rest of the application, for a sandbox that `hops` calls led to.
    pub(crate) fn neighbours(self: &Arc<Self>, hops: u16) -> Arc<dyn Chain> {
        Arc::new(Neighbours::new(Arc::clone(self), hops))
    }

    /// Where it listens, once it does.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address.get().copied()
    }

    pub(crate) fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }
}

/// Every component must export what its triggers call.
fn check_triggers(
    manifest: &gyre_manifest::App,
    services: &BTreeMap<String, Arc<Service>>,
) -> Result<(), BuildError> {
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

/// A server that was named comes before the engine that is there anyway.
fn llm(remote: Option<Remote>, inference: Option<&Inference>) -> Backend {
    match (remote, inference) {
        (Some(remote), _) => Backend::Remote(remote),
        (None, Some(engine)) => Backend::Engine(engine.clone()),
        (None, None) => Backend::None,
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

/// What Spin tells at `/.well-known/spin/info`.
fn info(name: &str) -> Bytes {
    Bytes::from(format!("{:#}", serde_json::json!({ "name": name })))
}
