//! The WIT boundary.

use crate::OtelCtx;
use crate::bindings::wasi::otel::{logs, metrics, tracing, types};
use crate::convert;
use crate::queue::{Dropped, Record};
use opentelemetry_proto::tonic::logs::v1::ResourceLogs;
use opentelemetry_proto::tonic::metrics::v1::ResourceMetrics;
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;

impl types::Host for OtelCtx {}

impl tracing::Host for OtelCtx {
    fn on_start(&mut self, context: tracing::SpanContext) -> wasmtime::Result<()> {
        // A span that goes nowhere must not become a parent of what does.
        if let Some(context) = convert::context_of(&context)
            && self.call.destination().is_some()
        {
            self.call.started(context);
        }
        Ok(())
    }

    /// A span that was not started is dropped and counted: telemetry that is wrong must not end a call.
    fn on_end(&mut self, span: tracing::SpanData) -> wasmtime::Result<()> {
        let Some(context) = convert::context_of(&span.span_context) else {
            return Ok(());
        };
        let Some((exporter, component)) = self.call.destination() else {
            return Ok(());
        };
        if self.call.ended(context) && context.sampled {
            // What does not fit is counted; the guest can do nothing about it.
            let _ = exporter.push(Record::Span(ResourceSpans {
                resource: Some(exporter.resource(component, Vec::new())),
                scope_spans: vec![convert::span(context, span)],
                ..ResourceSpans::default()
            }));
        }
        Ok(())
    }

    fn outer_span_context(&mut self) -> wasmtime::Result<tracing::SpanContext> {
        Ok(convert::wit_context(self.call.context()))
    }
}

impl metrics::Host for OtelCtx {
    fn export(&mut self, given: metrics::ResourceMetrics) -> wasmtime::Result<Result<(), metrics::Error>> {
        let Some((exporter, component)) = self.call.destination() else {
            return Ok(Ok(()));
        };
        let (scope_metrics, resource, schema_url) = convert::metrics(given);
        let pushed = exporter.push(Record::Metrics(ResourceMetrics {
            resource: Some(exporter.resource(component, resource)),
            scope_metrics,
            schema_url,
        }));
        Ok(pushed
            .map_err(|Dropped| "too much telemetry; hint: export less at once, and less often".to_owned()))
    }
}

impl logs::Host for OtelCtx {
    fn on_emit(&mut self, record: logs::LogRecord) -> wasmtime::Result<()> {
        let Some((exporter, component)) = self.call.destination() else {
            return Ok(());
        };
        let (scope_logs, resource, schema_url) = convert::log(record, self.call.active());
        // What does not fit is counted; the guest can do nothing about it.
        let _ = exporter.push(Record::Log(ResourceLogs {
            resource: Some(exporter.resource(component, resource)),
            scope_logs: vec![scope_logs],
            schema_url,
        }));
        Ok(())
    }
}
