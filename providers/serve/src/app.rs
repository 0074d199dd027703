//! An application ready to be called.

use crate::admission::{Admission, Leave};
use crate::counted::counted;
use crate::mounts;
use crate::neighbours::{Neighbours, Way};
use crate::observe::{self, Observed};
use crate::request::request_id;
use crate::sandbox::CallScope;
use crate::service::{Service, overloaded};
use crate::shared::{Config, Shared, share};
use crate::subscription::Subscription;
use crate::wiring::{Change, Wiring};
use crate::{BuildError, CallError, Failure, scrape};
use gyre_capability_otel::CallTrace;
use gyre_manifest::ResolvedVariables;
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::{BodyExt, Limited};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use wasmtime_wasi_http::{Error, WasiBody};

/// A manifest's components, compiled and linked, and its routes.
pub struct App {
    /// Replaced as a whole by a reload; never locked across an await.
    wiring: RwLock<Arc<Wiring>>,
    rewired: watch::Sender<()>,
    shared: Arc<Shared>,
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
        let sandboxes_max = config.sandboxes_max;
        let shared = Arc::new(share(manifest, config)?);
        mounts::sweep(&shared.files_dir);
        Ok(Arc::new(Self {
            wiring: RwLock::new(Arc::new(Wiring::build(&shared, manifest, variables)?)),
            rewired: watch::Sender::new(()),
            shared,
            admission: Admission::new(sandboxes_max),
            subscriptions: Subscription::resolve(&manifest.redis_triggers, variables)?,
            address: OnceLock::new(),
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

    /// The components and routes of this moment.
    pub(crate) fn wiring(&self) -> Arc<Wiring> {
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
    ) -> Result<Response<WasiBody>, Failure> {
        self.call(component, request, Way::FIRST_TICK).await
    }

    /// Counts a tick.
    pub(crate) fn ticked(&self, component: &str, well: bool) {
        self.shared.metrics.ticked(component, well);
    }

    /// The engine that runs models, where there is one.
    pub(crate) fn inference(&self) -> Option<&gyre_engine_ipc::Engine> {
        self.shared.inference.as_ref()
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

    /// Tells the application where it can be reached.
    pub(crate) fn listens_on(&self, address: SocketAddr) {
        // The first socket is the one that counts.
        let _ = self.address.set(address);
    }

    /// Where it listens, once it does.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address.get().copied()
    }

    pub(crate) fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }

    pub(crate) async fn call(
        self: &Arc<Self>,
        component: &str,
        request: Request<WasiBody>,
        way: Way,
    ) -> Result<Response<WasiBody>, Failure> {
        let bytes_min = request.body().size_hint().lower();
        let admitted = self.admit(component, bytes_min, way.hops);
        let (service, leave) = admitted.map_err(Failure::report)?;
        let parent = observe::parent(request.headers());
        let trace = self.shared.telemetry.begin(&service.id, way.operation, parent);
        let observed = Observed::begin(&service.meter, &trace);
        let mut request = request.map(|body| {
            let body = counted(body, &service.meter.request_bytes);
            bounded(body, service.limits.request_bytes_max)
        });
        observe::name_parent(request.headers_mut(), trace.context());
        let mut scope = self.scope(&service, trace, way.hops);
        scope.request_id = request_id(request.headers()).map(str::to_owned);
        let response = crate::call::call(Arc::clone(&service), scope, leave, request, observed).await?;
        Ok(response.map(|body| counted(body, &service.meter.response_bytes)))
    }

    /// What a sandbox of `service` sees of this application, after so many calls.
    pub(crate) fn scope(
        self: &Arc<Self>,
        service: &Arc<Service>,
        trace: Arc<CallTrace>,
        hops: u16,
    ) -> CallScope {
        CallScope {
            chain: Arc::new(Neighbours {
                app: Arc::clone(self),
                service: Arc::clone(service),
                trace: Arc::clone(&trace),
                hops,
            }),
            trace,
            request_id: None,
        }
    }

    /// A span for something that is no request.
    pub(crate) fn observe(&self, service: &Arc<Service>, way: Way) -> (Arc<CallTrace>, Observed) {
        let trace = self.shared.telemetry.begin(&service.id, way.operation, None);
        let observed = Observed::begin(&service.meter, &trace);
        (trace, observed)
    }

    /// The component, and leave to run it on something of at least so many bytes.
    pub(crate) fn admit(
        &self,
        component: &str,
        bytes_min: u64,
        hops: u16,
    ) -> Result<(Arc<Service>, Leave), CallError> {
        let entered = self.enter(component, bytes_min, hops);
        entered.inspect_err(|error| self.shared.metrics.refused(error))
    }

    fn enter(&self, component: &str, bytes_min: u64, hops: u16) -> Result<(Arc<Service>, Leave), CallError> {
        let service = self
            .wiring()
            .services
            .get(component)
            .cloned()
            .ok_or_else(|| CallError::NotFound(component.to_owned()))?;
        service.takes(hops, bytes_min)?;
        let leave = Leave {
            _call: service.calls.enter().ok_or_else(|| service.too_many_calls())?,
            _sandbox: self.admission.enter().ok_or_else(overloaded)?,
        };
        Ok((service, leave))
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
