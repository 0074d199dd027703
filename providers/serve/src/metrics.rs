//! What is counted. Labels are of closed sets: ids of components, and names of outcomes.

use crate::CallError;
use crate::outcome::{OUTCOMES, refusal};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Seconds: from a call that computes nothing to a long answer of a model.
const DURATION_BUCKETS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0, 60.0, 120.0,
];

type ByComponent<M> = Family<Component, M, fn() -> M>;

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Component {
    component: String,
}

/// A component, and what became of something.
#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ComponentOutcome {
    component: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ComponentDecision {
    component: String,
    decision: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// The counters of one host.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<ComponentOutcome, Counter>,
    durations: ByComponent<Histogram>,
    running: Family<Component, Gauge>,
    refused: Family<Reason, Counter>,
    request_bytes: Family<Component, Counter>,
    response_bytes: Family<Component, Counter>,
    outbound: Family<ComponentDecision, Counter>,
    ticks: Family<ComponentOutcome, Counter>,
    reloads: Family<Outcome, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Counters that start at nought.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("gyre"),
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS)),
            running: Family::default(),
            refused: Family::default(),
            request_bytes: Family::default(),
            response_bytes: Family::default(),
            outbound: Family::default(),
            ticks: Family::default(),
            reloads: Family::default(),
        };
        metrics.register_calls();
        metrics.register_rest();
        metrics
    }

    fn register_calls(&mut self) {
        let registry = &mut self.registry;
        let help = "Calls of components that ran, by how they ended";
        registry.register("requests", help, self.requests.clone());
        let help = "From the call of a component to the end of its answer";
        registry.register_with_unit("request_duration", help, Unit::Seconds, self.durations.clone());
        let help = "Sandboxes that run now";
        registry.register("sandboxes_running", help, self.running.clone());
        let help = "Calls that were refused before a sandbox ran";
        registry.register("requests_refused", help, self.refused.clone());
        let help = "Bodies of requests that components read";
        registry.register_with_unit("request_body", help, Unit::Bytes, self.request_bytes.clone());
        let help = "Bodies of answers that components wrote";
        registry.register_with_unit("response_body", help, Unit::Bytes, self.response_bytes.clone());
    }

    fn register_rest(&mut self) {
        let registry = &mut self.registry;
        let help = "Requests that components sent, by what was decided";
        registry.register("outbound_requests", help, self.outbound.clone());
        let help = "Ticks of components";
        registry.register("ticks", help, self.ticks.clone());
        let help = "Changes that were taken into the running application, or not";
        registry.register("reloads", help, self.reloads.clone());
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The counters of one component.
    pub(crate) fn meter(&self, component: &str) -> Meter {
        let label = Component {
            component: component.to_owned(),
        };
        let by_outcome = |outcome| ComponentOutcome {
            component: component.to_owned(),
            outcome,
        };
        Meter {
            outcomes: OUTCOMES.map(|outcome| self.requests.get_or_create_owned(&by_outcome(outcome))),
            duration: self.durations.get_or_create_owned(&label),
            running: self.running.get_or_create_owned(&label),
            request_bytes: self.request_bytes.get_or_create_owned(&label),
            response_bytes: self.response_bytes.get_or_create_owned(&label),
            outbound: ["denied", "neighbour", "sent"].map(|decision| {
                self.outbound.get_or_create_owned(&ComponentDecision {
                    component: component.to_owned(),
                    decision,
                })
            }),
        }
    }

    /// Counts a call that no sandbox was made for.
    pub(crate) fn refused(&self, error: &CallError) {
        if let Some(reason) = refusal(error) {
            self.refused.get_or_create(&Reason { reason }).inc();
        }
    }

    pub(crate) fn ticked(&self, component: &str, well: bool) {
        let outcome = ComponentOutcome {
            component: component.to_owned(),
            outcome: if well { "ok" } else { "failed" },
        };
        self.ticks.get_or_create(&outcome).inc();
    }

    pub(crate) fn reloaded(&self, taken: bool) {
        let outcome = if taken { "taken" } else { "kept_old" };
        self.reloads.get_or_create(&Outcome { outcome }).inc();
    }
}

/// The counters of one component, found once.
#[derive(Debug)]
pub(crate) struct Meter {
    outcomes: [Counter; OUTCOMES.len()],
    pub(crate) duration: Histogram,
    pub(crate) running: Gauge,
    pub(crate) request_bytes: Counter,
    pub(crate) response_bytes: Counter,
    outbound: [Counter; 3],
}

impl Meter {
    pub(crate) fn ended(&self, outcome: &str) {
        if let Some(place) = OUTCOMES.iter().position(|known| *known == outcome) {
            self.outcomes[place].inc();
        }
    }

    pub(crate) fn outbound(&self, decision: gyre_capability_http::Decision) {
        self.outbound[decision as usize].inc();
    }
}
