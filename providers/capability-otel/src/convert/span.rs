//! Spans.

use super::value::{attributes, nanos, scope};
use crate::bindings::wasi::otel::tracing as wit;
use crate::bounds::{EVENTS_MAX, NAME_BYTES_MAX, TEXT_BYTES_MAX, cut};
use crate::trace_context::{TraceContext, hex, to_hex};
use opentelemetry_proto::tonic::trace::v1::{
    ScopeSpans, Span, Status,
    span::{Event, Link, SpanKind},
    status::StatusCode,
};

/// Bytes of a trace state, as W3C recommends.
const STATE_BYTES_MAX: usize = 512;

/// A context, unless its ids are none.
pub(crate) fn context_of(given: &wit::SpanContext) -> Option<TraceContext> {
    TraceContext::new(
        hex(&given.trace_id)?,
        hex(&given.span_id)?,
        given.trace_flags.contains(wit::TraceFlags::SAMPLED),
    )
}

/// A context as guests see it; all zeros where there is none.
pub(crate) fn wit_context(context: Option<TraceContext>) -> wit::SpanContext {
    let sampled = context.is_some_and(|context| context.sampled);
    wit::SpanContext {
        trace_id: to_hex(&context.map_or([0; 16], |context| context.trace_id)),
        span_id: to_hex(&context.map_or([0; 8], |context| context.span_id)),
        trace_flags: if sampled {
            wit::TraceFlags::SAMPLED
        } else {
            wit::TraceFlags::empty()
        },
        is_remote: true,
        trace_state: Vec::new(),
    }
}

/// A span that has ended, in its scope.
pub(crate) fn span(context: TraceContext, data: wit::SpanData) -> ScopeSpans {
    let (scope, schema_url) = scope(data.instrumentation_scope);
    let (attributes, dropped) = attributes(data.attributes);
    let (events, links) = (data.events.len(), data.links.len());
    let span = Span {
        trace_id: context.trace_id.to_vec(),
        span_id: context.span_id.to_vec(),
        trace_state: state(&data.span_context.trace_state),
        parent_span_id: hex::<8>(&data.parent_span_id)
            .filter(|id| *id != [0; 8])
            .map_or_else(Vec::new, |id| id.to_vec()),
        flags: u32::from(context.sampled),
        name: cut(data.name, NAME_BYTES_MAX),
        kind: kind(data.span_kind).into(),
        start_time_unix_nano: nanos(data.start_time),
        end_time_unix_nano: nanos(data.end_time),
        attributes,
        dropped_attributes_count: data.dropped_attributes.saturating_add(dropped),
        events: data.events.into_iter().take(EVENTS_MAX).map(event).collect(),
        dropped_events_count: data.dropped_events.saturating_add(beyond(events)),
        links: data.links.into_iter().take(EVENTS_MAX).filter_map(link).collect(),
        dropped_links_count: data.dropped_links.saturating_add(beyond(links)),
        status: Some(status(data.status)),
    };
    ScopeSpans {
        scope: Some(scope),
        spans: vec![span],
        schema_url,
    }
}

fn beyond(count: usize) -> u32 {
    u32::try_from(count.saturating_sub(EVENTS_MAX)).unwrap_or(u32::MAX)
}

fn kind(kind: wit::SpanKind) -> SpanKind {
    match kind {
        wit::SpanKind::Client => SpanKind::Client,
        wit::SpanKind::Server => SpanKind::Server,
        wit::SpanKind::Producer => SpanKind::Producer,
        wit::SpanKind::Consumer => SpanKind::Consumer,
        wit::SpanKind::Internal => SpanKind::Internal,
    }
}

fn status(status: wit::Status) -> Status {
    let (code, message) = match status {
        wit::Status::Unset => (StatusCode::Unset, String::new()),
        wit::Status::Ok => (StatusCode::Ok, String::new()),
        wit::Status::Error(message) => (StatusCode::Error, cut(message, TEXT_BYTES_MAX)),
    };
    Status {
        code: code.into(),
        message,
    }
}

fn event(event: wit::Event) -> Event {
    let (attributes, dropped_attributes_count) = attributes(event.attributes);
    Event {
        time_unix_nano: nanos(event.time),
        name: cut(event.name, NAME_BYTES_MAX),
        attributes,
        dropped_attributes_count,
    }
}

fn link(link: wit::Link) -> Option<Link> {
    let context = context_of(&link.span_context)?;
    let (attributes, dropped_attributes_count) = attributes(link.attributes);
    Some(Link {
        trace_id: context.trace_id.to_vec(),
        span_id: context.span_id.to_vec(),
        trace_state: state(&link.span_context.trace_state),
        attributes,
        dropped_attributes_count,
        flags: u32::from(context.sampled),
    })
}

/// A trace state as its header says it; one that is too long is none.
fn state(pairs: &[(String, String)]) -> String {
    let bytes: usize = pairs.iter().map(|(key, value)| key.len() + value.len() + 2).sum();
    if bytes > STATE_BYTES_MAX {
        return String::new();
    }
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_go_both_ways() {
        let context = TraceContext::root();
        assert_eq!(context_of(&wit_context(Some(context))), Some(context));
        assert_eq!(context_of(&wit_context(None)), None);
        let mut broken = wit_context(Some(context));
        broken.span_id = "short".to_owned();
        assert_eq!(context_of(&broken), None);
    }

    #[test]
    fn a_trace_state_that_is_too_long_is_none() {
        let pair = |bytes: usize| [("k".to_owned(), "v".repeat(bytes))];
        assert_eq!(state(&pair(2)), "k=vv");
        assert_eq!(state(&pair(STATE_BYTES_MAX)), "");
    }
}
