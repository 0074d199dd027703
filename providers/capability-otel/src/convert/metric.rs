//! Metrics.

use super::value::{attributes, nanos, schema, scope};
use crate::bindings::wasi::clocks::wall_clock::Datetime;
use crate::bindings::wasi::otel::metrics as wit;
use crate::bindings::wasi::otel::types::KeyValue as KeyValueGiven;
use crate::bounds::{NAME_BYTES_MAX, TEXT_BYTES_MAX, cut};
use crate::trace_context::hex;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1 as proto;
use proto::exponential_histogram_data_point::Buckets;
use proto::metric::Data;

/// All metrics of an export by scope, the attributes of their resource, and that resource's schema.
pub(crate) fn metrics(given: wit::ResourceMetrics) -> (Vec<proto::ScopeMetrics>, Vec<KeyValue>, String) {
    let scopes = given
        .scope_metrics
        .into_iter()
        .map(|given| {
            let (scope, schema_url) = scope(given.scope);
            proto::ScopeMetrics {
                scope: Some(scope),
                metrics: given.metrics.into_iter().map(metric).collect(),
                schema_url,
            }
        })
        .collect();
    let resource = attributes(given.resource.attributes).0;
    (scopes, resource, schema(given.resource.schema_url))
}

fn metric(given: wit::Metric) -> proto::Metric {
    use wit::MetricData as Given;
    let data = match given.data {
        Given::F64Gauge(gauge) | Given::U64Gauge(gauge) | Given::S64Gauge(gauge) => gauge_of(gauge),
        Given::F64Sum(sum) | Given::U64Sum(sum) | Given::S64Sum(sum) => sum_of(sum),
        Given::F64Histogram(histogram) | Given::U64Histogram(histogram) | Given::S64Histogram(histogram) => {
            histogram_of(histogram)
        }
        Given::F64ExponentialHistogram(histogram)
        | Given::U64ExponentialHistogram(histogram)
        | Given::S64ExponentialHistogram(histogram) => exponential_of(histogram),
    };
    proto::Metric {
        name: cut(given.name, NAME_BYTES_MAX),
        description: cut(given.description, TEXT_BYTES_MAX),
        unit: cut(given.unit, NAME_BYTES_MAX),
        data: Some(data),
        ..proto::Metric::default()
    }
}

/// When a series began and when it was looked at.
#[derive(Clone, Copy)]
struct Span {
    start: u64,
    end: u64,
}

impl Span {
    fn new(start: Option<Datetime>, end: Datetime) -> Self {
        Self {
            start: start.map_or(0, nanos),
            end: nanos(end),
        }
    }
}

fn gauge_of(gauge: wit::Gauge) -> Data {
    let span = Span::new(gauge.start_time, gauge.time);
    let point = |point: wit::GaugeDataPoint| number(point.attributes, point.value, point.exemplars, span);
    Data::Gauge(proto::Gauge {
        data_points: gauge.data_points.into_iter().map(point).collect(),
    })
}

fn sum_of(sum: wit::Sum) -> Data {
    let span = Span::new(Some(sum.start_time), sum.time);
    let point = |point: wit::SumDataPoint| number(point.attributes, point.value, point.exemplars, span);
    Data::Sum(proto::Sum {
        data_points: sum.data_points.into_iter().map(point).collect(),
        aggregation_temporality: temporality(sum.temporality),
        is_monotonic: sum.is_monotonic,
    })
}

fn number(
    given: Vec<KeyValueGiven>,
    value: wit::MetricNumber,
    exemplars: Vec<wit::Exemplar>,
    span: Span,
) -> proto::NumberDataPoint {
    use proto::number_data_point::Value;
    proto::NumberDataPoint {
        attributes: attributes(given).0,
        start_time_unix_nano: span.start,
        time_unix_nano: span.end,
        exemplars: exemplars.into_iter().map(exemplar).collect(),
        flags: 0,
        value: Some(match whole(&value) {
            Some(integer) => Value::AsInt(integer),
            None => Value::AsDouble(float(&value)),
        }),
    }
}

fn histogram_of(histogram: wit::Histogram) -> Data {
    let span = Span::new(Some(histogram.start_time), histogram.time);
    let point = |point: wit::HistogramDataPoint| proto::HistogramDataPoint {
        attributes: attributes(point.attributes).0,
        start_time_unix_nano: span.start,
        time_unix_nano: span.end,
        count: point.count,
        sum: Some(float(&point.sum)),
        bucket_counts: point.bucket_counts,
        explicit_bounds: point.bounds,
        exemplars: point.exemplars.into_iter().map(exemplar).collect(),
        flags: 0,
        min: point.min.as_ref().map(float),
        max: point.max.as_ref().map(float),
    };
    Data::Histogram(proto::Histogram {
        data_points: histogram.data_points.into_iter().map(point).collect(),
        aggregation_temporality: temporality(histogram.temporality),
    })
}

fn exponential_of(histogram: wit::ExponentialHistogram) -> Data {
    let span = Span::new(Some(histogram.start_time), histogram.time);
    let point = |point: wit::ExponentialHistogramDataPoint| proto::ExponentialHistogramDataPoint {
        attributes: attributes(point.attributes).0,
        start_time_unix_nano: span.start,
        time_unix_nano: span.end,
        count: point.count,
        sum: Some(float(&point.sum)),
        scale: point.scale.into(),
        zero_count: point.zero_count,
        positive: Some(buckets(point.positive_bucket)),
        negative: Some(buckets(point.negative_bucket)),
        flags: 0,
        exemplars: point.exemplars.into_iter().map(exemplar).collect(),
        min: point.min.as_ref().map(float),
        max: point.max.as_ref().map(float),
        zero_threshold: point.zero_threshold,
    };
    Data::ExponentialHistogram(proto::ExponentialHistogram {
        data_points: histogram.data_points.into_iter().map(point).collect(),
        aggregation_temporality: temporality(histogram.temporality),
    })
}

fn buckets(bucket: wit::ExponentialBucket) -> Buckets {
    Buckets {
        offset: bucket.offset,
        bucket_counts: bucket.counts,
    }
}

fn exemplar(given: wit::Exemplar) -> proto::Exemplar {
    use proto::exemplar::Value;
    proto::Exemplar {
        filtered_attributes: attributes(given.filtered_attributes).0,
        time_unix_nano: nanos(given.time),
        span_id: hex::<8>(&given.span_id).map_or_else(Vec::new, |id| id.to_vec()),
        trace_id: hex::<16>(&given.trace_id).map_or_else(Vec::new, |id| id.to_vec()),
        value: Some(match whole(&given.value) {
            Some(integer) => Value::AsInt(integer),
            None => Value::AsDouble(float(&given.value)),
        }),
    }
}

/// OTLP has no unsigned numbers: one that is too large is said as a float.
fn whole(number: &wit::MetricNumber) -> Option<i64> {
    match number {
        wit::MetricNumber::S64(number) => Some(*number),
        wit::MetricNumber::U64(number) => i64::try_from(*number).ok(),
        wit::MetricNumber::F64(_) => None,
    }
}

fn float(number: &wit::MetricNumber) -> f64 {
    match number {
        wit::MetricNumber::F64(number) => *number,
        wit::MetricNumber::S64(number) => *number as f64,
        wit::MetricNumber::U64(number) => *number as f64,
    }
}

fn temporality(temporality: wit::Temporality) -> i32 {
    match temporality {
        wit::Temporality::Cumulative => proto::AggregationTemporality::Cumulative,
        // Low-memory is a preference of who collects: what comes of it is delta.
        wit::Temporality::Delta | wit::Temporality::LowMemory => proto::AggregationTemporality::Delta,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_value() {
        for (number, expected) in [
            (wit::MetricNumber::S64(-3), (Some(-3), -3.0)),
            (wit::MetricNumber::U64(3), (Some(3), 3.0)),
            (wit::MetricNumber::U64(u64::MAX), (None, u64::MAX as f64)),
            (wit::MetricNumber::F64(0.5), (None, 0.5)),
        ] {
            assert_eq!((whole(&number), float(&number)), expected);
        }
    }
}
