//! Log records.

use super::value::{any_value, attributes, nanos, schema, scope};
use crate::bindings::wasi::otel::logs as wit;
use crate::bindings::wasi::otel::tracing::TraceFlags;
use crate::bounds::{NAME_BYTES_MAX, cut};
use crate::trace_context::{TraceContext, hex};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ScopeLogs};

/// The highest severity there is.
const SEVERITY_MAX: u8 = 24;

/// A record in its scope, the attributes of its resource, and that resource's schema. One that names no span belongs
/// to `active`.
pub(crate) fn log(
    record: wit::LogRecord,
    active: Option<TraceContext>,
) -> (ScopeLogs, Vec<KeyValue>, String) {
    let (attributes_kept, dropped_attributes_count) = attributes(record.attributes.unwrap_or_default());
    let (scope_kept, schema_url) = record.instrumentation_scope.map(scope).unzip();
    let (resource, resource_schema) = match record.resource {
        Some(resource) => (attributes(resource.attributes).0, schema(resource.schema_url)),
        None => (Vec::new(), String::new()),
    };
    let own = record.trace_id.as_deref().and_then(hex::<16>);
    let trace_id = own.or(active.map(|active| active.trace_id));
    let span_id = match own {
        Some(_) => record.span_id.as_deref().and_then(hex::<8>),
        None => active.map(|active| active.span_id),
    };
    let sampled = match record.trace_flags {
        Some(flags) => flags.contains(TraceFlags::SAMPLED),
        None => active.is_some_and(|active| active.sampled),
    };
    let severity = record.severity_number.filter(|number| *number <= SEVERITY_MAX);
    let record = LogRecord {
        time_unix_nano: record.timestamp.map_or(0, nanos),
        observed_time_unix_nano: record.observed_timestamp.map_or(0, nanos),
        severity_number: severity.unwrap_or(0).into(),
        severity_text: cut(record.severity_text.unwrap_or_default(), NAME_BYTES_MAX),
        body: record.body.map(any_value),
        attributes: attributes_kept,
        dropped_attributes_count,
        flags: u32::from(sampled),
        trace_id: trace_id.map_or_else(Vec::new, |id| id.to_vec()),
        span_id: span_id.map_or_else(Vec::new, |id| id.to_vec()),
        event_name: cut(record.event_name.unwrap_or_default(), NAME_BYTES_MAX),
    };
    let logs = ScopeLogs {
        scope: scope_kept,
        log_records: vec![record],
        schema_url: schema_url.unwrap_or_default(),
    };
    (logs, resource, resource_schema)
}
