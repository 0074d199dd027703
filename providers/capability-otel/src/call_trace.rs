//! The span of one call of a component, and the spans that its guest has open below it.

use crate::bounds::SPANS_OPEN_MAX;
use crate::convert::attribute;
use crate::queue::{Record, Signal};
use crate::{Exporter, TraceContext};
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span, status};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where telemetry goes, if anywhere.
#[derive(Debug, Clone, Default)]
pub struct Telemetry(Option<Exporter>);

impl Telemetry {
    /// To this exporter, or nowhere.
    #[must_use]
    pub fn new(exporter: Option<Exporter>) -> Self {
        Self(exporter)
    }

    /// The exporter.
    #[must_use]
    pub fn exporter(&self) -> Option<&Exporter> {
        self.0.as_ref()
    }

    /// Begins the span `<component>.<operation>`. Without an exporter the parent's context is handed on as it is.
    #[must_use]
    pub fn begin(
        &self,
        component: &Arc<str>,
        operation: &'static str,
        parent: Option<TraceContext>,
    ) -> Arc<CallTrace> {
        let own = || parent.map_or_else(TraceContext::root, |parent| parent.child());
        Arc::new(CallTrace {
            exporter: self.0.clone(),
            component: Arc::clone(component),
            operation,
            context: if self.0.is_some() { Some(own()) } else { parent },
            parent,
            started: SystemTime::now(),
            open: Mutex::default(),
            finished: AtomicBool::new(false),
        })
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As it should.
    Well,
    /// By this failure of a closed set.
    Failed(&'static str),
}

/// The span of one call.
#[derive(Debug)]
pub struct CallTrace {
    exporter: Option<Exporter>,
    component: Arc<str>,
    operation: &'static str,
    context: Option<TraceContext>,
    parent: Option<TraceContext>,
    started: SystemTime,
    /// Spans that the guest has started and not ended, in that order.
    open: Mutex<Vec<TraceContext>>,
    finished: AtomicBool,
}

impl CallTrace {
    /// The place of this call in its trace; nothing where there is no trace.
    #[must_use]
    pub fn context(&self) -> Option<TraceContext> {
        self.context
    }

    /// What a request that the guest sends now is a part of: its newest open span of this trace, or the call itself.
    #[must_use]
    pub fn active(&self) -> Option<TraceContext> {
        let call = self.context?;
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = open.iter().rev().find(|span| span.trace_id == call.trace_id);
        Some(newest.copied().unwrap_or(call))
    }

    /// Ends the span; only the first end counts.
    pub fn finish(&self, ended: Ended) {
        if self.finished.swap(true, Ordering::Relaxed) {
            return;
        }
        let (Some(exporter), Some(context)) = (&self.exporter, self.context) else {
            return;
        };
        if !context.sampled {
            return;
        }
        // What does not fit is counted.
        let _ = exporter.push(Record::Span(ResourceSpans {
            resource: Some(exporter.resource(&self.component, Vec::new())),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "gyre".to_owned(),
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans: vec![self.span(context, ended)],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }));
    }

    fn span(&self, context: TraceContext, ended: Ended) -> Span {
        let (code, attributes) = match ended {
            Ended::Well => (status::StatusCode::Unset, Vec::new()),
            Ended::Failed(kind) => (status::StatusCode::Error, vec![attribute("error.type", kind)]),
        };
        Span {
            trace_id: context.trace_id.to_vec(),
            span_id: context.span_id.to_vec(),
            parent_span_id: self
                .parent
                .map_or_else(Vec::new, |parent| parent.span_id.to_vec()),
            flags: u32::from(context.sampled),
            name: format!("{}.{}", self.component, self.operation),
            kind: span::SpanKind::Server.into(),
            start_time_unix_nano: unix_nanos(self.started),
            end_time_unix_nano: unix_nanos(SystemTime::now()),
            attributes,
            status: Some(Status {
                code: code.into(),
                message: String::new(),
            }),
            ..Span::default()
        }
    }

    /// The exporter of the guest's telemetry and the component it is of, if it goes anywhere.
    pub(crate) fn destination(&self) -> Option<(&Exporter, &str)> {
        Some((self.exporter.as_ref()?, &self.component))
    }

    /// Notes that the guest has started a span. Beyond the bound its end will be refused.
    pub(crate) fn started(&self, span: TraceContext) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() < SPANS_OPEN_MAX {
            open.push(span);
        }
    }

    /// Whether the guest had started the span that it ends now.
    pub(crate) fn ended(&self, span: TraceContext) -> bool {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let place = open
            .iter()
            .position(|known| known.span_id == span.span_id && known.trace_id == span.trace_id);
        if let Some(place) = place {
            open.remove(place);
        } else if let Some(exporter) = &self.exporter {
            exporter.count_dropped(Signal::Traces);
        }
        place.is_some()
    }
}

fn unix_nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_exporter_a_trace_passes_through() {
        let component = Arc::from("a");
        let parent = TraceContext::root();
        let telemetry = Telemetry::default();
        assert_eq!(telemetry.begin(&component, "handle", None).active(), None);
        let call = telemetry.begin(&component, "handle", Some(parent));
        assert_eq!((call.context(), call.active()), (Some(parent), Some(parent)));
    }

    #[test]
    fn the_newest_open_span_is_active_and_open_spans_are_bounded() {
        let call = Telemetry::default().begin(&Arc::from("a"), "handle", Some(TraceContext::root()));
        let context = call.context().expect("a context");
        let (outer, inner) = (context.child(), context.child());
        let foreign = TraceContext::root();
        for span in [outer, inner, foreign] {
            call.started(span);
        }
        assert_eq!(call.active(), Some(inner), "not the span of another trace");
        assert!(call.ended(inner) && !call.ended(inner));
        assert_eq!(call.active(), Some(outer));
        for _ in 0..SPANS_OPEN_MAX {
            call.started(context.child());
        }
        let late = context.child();
        call.started(late);
        assert!(!call.ended(late), "beyond the bound");
    }
}
