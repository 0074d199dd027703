//! An application ready to be called.

use crate::admission::{Admission, Permit};
use crate::engine::{self, PoolConfig};
use crate::fixed::{self, Fixed};
use crate::guest_log::GuestOutput;
use crate::mounts;
use crate::redis_trigger::Subscription;
use crate::sandbox;
use crate::service::{Service, Shared};
use crate::spin_headers::Reached;
use crate::{BuildError, CallError};
use bytes::Bytes;
use gyre_capability_http::{Chain, ChainFuture, Networking, Outbound};
use gyre_capability_key_value::Stores;
use gyre_capability_llm::{Backend, Remote};
use gyre_capability_sqlite::Databases;
use gyre_engine_ipc::Engine as Inference;
use gyre_manifest::{Handler, ResolvedVariables, RouteMatch, RoutePattern, Router};
use http::header::{CONNECTION, HOST};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Limited};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use wasmtime::component::Linker;
use wasmtime_wasi_http::{Error, WasiBody};

/// Calls one behind another at most, so that a circle ends.
const HOPS_MAX: u8 = 12;
/// Where services put the id of a request.
const REQUEST_ID: &str = "x-request-id";
const REQUEST_ID_BYTES_MAX: usize = 128;
/// The client of a chained call, which has no address: as Spin tells it.
const CHAINED_CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
/// The client of a call of the application to itself.
const OWN_CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

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

    pub(crate) async fn call(
        self: &Arc<Self>,
        component: &str,
        request: Request<WasiBody>,
        hops: u8,
    ) -> Result<Response<WasiBody>, CallError> {
        if hops > HOPS_MAX {
            return Err(CallError::TooManyHops(HOPS_MAX));
        }
        let service = self.service(component)?;
        let permit = self.enter()?;
        let request = request.map(|body| bounded(body, service.limits.request_bytes_max));
        let request_id = request_id(request.headers());
        let store = service.store(self.neighbours(hops), request_id)?;
        crate::call::call(Arc::clone(service), store, permit, request).await
    }

    pub(crate) fn service(&self, component: &str) -> Result<&Arc<Service>, CallError> {
        self.services
            .get(component)
            .ok_or_else(|| CallError::NotFound(component.to_owned()))
    }

    pub(crate) fn enter(&self) -> Result<Permit, CallError> {
        self.admission.enter()
    }

    /// The rest of the application, for a sandbox that `hops` calls led to.
    pub(crate) fn neighbours(self: &Arc<Self>, hops: u8) -> Arc<dyn Chain> {
        Arc::new(Neighbours {
            app: Arc::clone(self),
            hops,
        })
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
    fn call(&self, target: &str, mut request: Request<WasiBody>) -> ChainFuture {
        let (app, target, hops) = (Arc::clone(&self.app), target.to_owned(), self.hops + 1);
        arrive(&mut request);
        Box::pin(async move {
            app.call(&target, request, hops).await.map_err(|error| {
                error.report();
                error.into()
            })
        })
    }

    fn call_own(&self, mut request: Request<WasiBody>) -> ChainFuture {
        let (app, hops) = (Arc::clone(&self.app), self.hops + 1);
        Box::pin(async move {
            let own = app
                .address
                .get()
                .map_or("localhost".to_owned(), ToString::to_string);
            request.headers_mut().remove(HOST);
            request.headers_mut().remove(CONNECTION);
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = format!("http://{own}{path}")
                .parse()
                .map_err(|_| Error::HttpRequestUriInvalid)?;
            if hops > HOPS_MAX {
                return Err(CallError::TooManyHops(HOPS_MAX).into());
            }
            Ok(app.answer(OWN_CLIENT, request, hops).await)
        })
    }
}

/// Makes a request to a neighbour what a request from outside is. As with Spin, any path is served, and the URL that
/// the component is told has no name of a component.
fn arrive(request: &mut Request<WasiBody>) {
    let path = request.uri().path().to_owned();
    let whole = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let reached = Reached {
        full_url: format!("http://localhost{whole}"),
        path: &path,
        route: None,
        client: CHAINED_CLIENT,
    };
    let headers = request.headers_mut();
    headers.remove(HOST);
    headers.remove(CONNECTION);
    reached.tell(headers);
}

/// The id by which a request is found again in logs, where it has one that can be printed.
fn request_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    (!id.is_empty() && id.len() <= REQUEST_ID_BYTES_MAX).then_some(id)
}

/// What Spin tells at `/.well-known/spin/info`.
fn info(name: &str) -> Bytes {
    Bytes::from(format!("{:#}", serde_json::json!({ "name": name })))
}
