//! One call, as telemetry sees it: counted, timed, and a span of its trace.

use crate::CallError;
use crate::metrics::Meter;
use crate::outcome::{CANCELLED, outcome};
use gyre_capability_http::Decision;
use gyre_capability_otel::{CallTrace, Ended, TraceContext};
use http::header::HeaderValue;
use http::{HeaderMap, Request};
use std::sync::Arc;
use std::time::Instant;
use wasmtime_wasi_http::WasiBody;

/// The header that names the span a request is a part of.
const TRACEPARENT: &str = "traceparent";

/// A call that runs. One that is dropped was cancelled by its caller.
pub(crate) struct Observed {
    meter: Arc<Meter>,
    trace: Arc<CallTrace>,
    started: Instant,
    outcome: &'static str,
}

impl Observed {
    pub(crate) fn begin(meter: &Arc<Meter>, trace: &Arc<CallTrace>) -> Self {
        meter.running.inc();
        Self {
            meter: Arc::clone(meter),
            trace: Arc::clone(trace),
            started: Instant::now(),
            outcome: CANCELLED,
        }
    }

    /// The sandbox has ended.
    pub(crate) fn finish(mut self, ended: &Result<(), CallError>) {
        self.outcome = outcome(ended.as_ref().copied());
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.meter.running.dec();
        self.meter.ended(self.outcome);
        self.meter.duration.observe(self.started.elapsed().as_secs_f64());
        self.trace.finish(match self.outcome {
            "ok" => Ended::Well,
            failure => Ended::Failed(failure),
        });
    }
}

/// The span that a request says it is a part of.
pub(crate) fn parent(headers: &HeaderMap) -> Option<TraceContext> {
    TraceContext::parse(headers.get(TRACEPARENT)?.to_str().ok()?)
}

/// Says whose child the work behind this request is.
pub(crate) fn name_parent(headers: &mut HeaderMap, context: Option<TraceContext>) {
    let value = context.and_then(|context| HeaderValue::from_str(&context.traceparent()).ok());
    if let Some(value) = value {
        headers.insert(TRACEPARENT, value);
    }
}

/// A request that a guest sends: counted, and a part of the guest's trace. A span that the guest itself names stays.
pub(crate) fn outgoing(
    meter: &Meter,
    trace: &CallTrace,
    request: &mut Request<WasiBody>,
    decision: Decision,
) {
    meter.outbound(decision);
    let named = parent(request.headers());
    if named.is_none() || named == trace.context() {
        name_parent(request.headers_mut(), trace.active());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;
    use gyre_capability_otel::Telemetry;
    use http_body_util::{BodyExt, Empty};

    fn request(traceparent: Option<&str>) -> Request<WasiBody> {
        let mut request = Request::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
        if let Some(value) = traceparent {
            let value = HeaderValue::from_str(value).expect("a value");
            request.headers_mut().insert(TRACEPARENT, value);
        }
        request
    }

    #[test]
    fn a_request_goes_out_as_part_of_its_callers_trace() {
        let meter = Metrics::new().meter("a");
        let context = TraceContext::root();
        let own = TraceContext::root().traceparent();
        let trace = Telemetry::default().begin(&Arc::from("a"), "handle", Some(context));
        let call = context.traceparent();
        for (given, expected) in [
            (None, call.as_str()),
            (Some("no context"), &call),
            (Some(call.as_str()), &call),
            (Some(own.as_str()), &own),
        ] {
            let mut request = request(given);
            outgoing(&meter, &trace, &mut request, Decision::Sent);
            assert_eq!(request.headers()[TRACEPARENT], expected, "{given:?}");
        }
        let none = Telemetry::default().begin(&Arc::from("a"), "handle", None);
        let mut request = request(None);
        outgoing(&meter, &none, &mut request, Decision::Sent);
        assert!(request.headers().is_empty(), "without a trace nothing is added");
    }
}
