//! What is looked up when somebody asks for the metrics: the engine, the compile cache, the exporter.

use gyre_capability_otel::{Signal, Telemetry};
use gyre_engine_ipc::{Engine, EngineStatus, ModelStats};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use std::fmt;
use std::time::Duration;
use wasmtime::Cache;

/// A worker that does not say its counters in time has none for now.
const STATS_WAIT: Duration = Duration::from_secs(1);

/// What is known at the moment of a scrape.
#[derive(Debug)]
struct Snapshot {
    engine: Option<EngineStatus>,
    models: Vec<ModelStats>,
    cache_hits: u64,
    cache_misses: u64,
    telemetry_dropped: Option<[u64; 3]>,
}

/// All metrics, in the text format of OpenMetrics.
pub(crate) async fn render(
    counted: &Registry,
    inference: Option<&Engine>,
    cache: &Cache,
    telemetry: &Telemetry,
) -> Result<String, fmt::Error> {
    let models = match inference {
        Some(engine) => match tokio::time::timeout(STATS_WAIT, engine.stats()).await {
            Ok(Ok(models)) => models,
            Ok(Err(_)) | Err(_) => Vec::new(),
        },
        None => Vec::new(),
    };
    let dropped = |signal| {
        telemetry
            .exporter()
            .map_or(0, |exporter| exporter.dropped(signal))
    };
    let snapshot = Snapshot {
        engine: inference.map(Engine::status),
        models,
        cache_hits: cache.cache_hits() as u64,
        cache_misses: cache.cache_misses() as u64,
        telemetry_dropped: telemetry.exporter().map(|_| Signal::ALL.map(dropped)),
    };
    let mut looked_up = Registry::with_prefix("gyre");
    looked_up.register_collector(Box::new(snapshot));
    let mut text = String::new();
    encode_registry(&mut text, counted)?;
    encode_registry(&mut text, &looked_up)?;
    encode_eof(&mut text)?;
    Ok(text)
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let (hit, miss) = (self.cache_hits, self.cache_misses);
        let help = "Components found in the compile cache, or compiled.";
        counters(
            &mut encoder,
            "compile_cache_lookups",
            help,
            "result",
            &[("hit", hit), ("miss", miss)],
        )?;
        if let Some(dropped) = self.telemetry_dropped {
            let help = "Records of guests and host that never reached the collector.";
            let values = Signal::ALL.map(|signal| (signal.name(), dropped[signal as usize]));
            counters(&mut encoder, "telemetry_dropped", help, "signal", &values)?;
        }
        if let Some(engine) = &self.engine {
            self.encode_engine(&mut encoder, engine)?;
        }
        Ok(())
    }
}

impl Snapshot {
    fn encode_engine(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        engine: &EngineStatus,
    ) -> Result<(), fmt::Error> {
        gauge(
            encoder,
            "engine_up",
            "Whether an engine worker takes calls.",
            engine.pid.is_some().into(),
        )?;
        let calls = i64::try_from(engine.calls).unwrap_or(i64::MAX);
        gauge(encoder, "engine_calls", "Calls of the engine in flight.", calls)?;
        let counter = ConstCounter::new(engine.restarts);
        let help = "Times the engine worker died and was started again.";
        counter.encode(encoder.encode_descriptor("engine_restarts", help, None, MetricType::Counter)?)?;
        type Read = fn(&ModelStats) -> u64;
        let counted: [(&str, &str, Read); 6] = [
            ("engine_steps", "Batches decoded or encoded.", |model| model.steps),
            ("engine_tokens", "Tokens in all batches.", |model| model.tokens),
            (
                "engine_prefix_hits",
                "Prompts that began with tokens computed before.",
                |model| model.prefix_hits,
            ),
            (
                "engine_prefix_tokens_reused",
                "Tokens of prompts that were not computed again.",
                |model| model.prefix_tokens_reused,
            ),
            (
                "engine_prefix_evictions",
                "Prefixes of prompts that had to go for another.",
                |model| model.prefix_evictions,
            ),
            (
                "engine_preemptions",
                "Times a sequence made room for another.",
                |model| model.preemptions,
            ),
        ];
        for (name, help, read) in counted {
            let values: Vec<(&str, u64)> = self.values(read).collect();
            counters(encoder, name, help, "model", &values)?;
        }
        let shown: [(&str, &str, Read); 3] = [
            ("engine_sequences", "Sequences that hold memory now.", |model| {
                model.sequences_live.into()
            }),
            ("engine_queued", "Calls that wait for admission now.", |model| {
                model.queued.into()
            }),
            (
                "engine_memory_bytes",
                "Memory that a loaded model takes.",
                |model| model.memory.total(),
            ),
        ];
        for (name, help, read) in shown {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (model, value) in self.values(read) {
                let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
                gauge.encode(family.encode_family(&[("model", model)])?)?;
            }
        }
        Ok(())
    }

    fn values(&self, read: fn(&ModelStats) -> u64) -> impl Iterator<Item = (&str, u64)> {
        self.models
            .iter()
            .map(move |model| (model.model.as_str(), read(model)))
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: i64) -> Result<(), fmt::Error> {
    ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
}

fn counters(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &str,
    values: &[(&str, u64)],
) -> Result<(), fmt::Error> {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (value, count) in values {
        ConstCounter::new(*count).encode(family.encode_family(&[(label, *value)])?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_engine_ipc::MemoryBytes;

    #[test]
    fn a_snapshot_is_openmetrics() {
        let snapshot = Snapshot {
            engine: Some(EngineStatus {
                pid: None,
                unavailable: Some("it died".to_owned()),
                restarts: 3,
                calls: 2,
            }),
            models: vec![ModelStats {
                model: "tiny".to_owned(),
                steps: 5,
                tokens: 9,
                sequences_in_batch_max: 1,
                sequences_live: 4,
                queued: 6,
                memory: MemoryBytes {
                    weights: 10,
                    kv: 20,
                    compute: 3,
                },
                prefix_hits: 10,
                prefix_tokens_reused: 11,
                prefix_evictions: 12,
                queued_by_priority: [1, 2, 3],
                preemptions: 13,
                prompt_tokens: 7,
                completion_tokens: 2,
            }],
            cache_hits: 7,
            cache_misses: 8,
            telemetry_dropped: Some([1, 0, 0]),
        };
        let mut registry = Registry::with_prefix("gyre");
        registry.register_collector(Box::new(snapshot));
        let mut text = String::new();
        encode_registry(&mut text, &registry).expect("text");
        for line in [
            "gyre_compile_cache_lookups_total{result=\"hit\"} 7",
            "gyre_compile_cache_lookups_total{result=\"miss\"} 8",
            "gyre_telemetry_dropped_total{signal=\"traces\"} 1",
            "gyre_engine_up 0",
            "gyre_engine_calls 2",
            "gyre_engine_restarts_total 3",
            "gyre_engine_steps_total{model=\"tiny\"} 5",
            "gyre_engine_tokens_total{model=\"tiny\"} 9",
            "gyre_engine_sequences{model=\"tiny\"} 4",
            "gyre_engine_queued{model=\"tiny\"} 6",
            "gyre_engine_memory_bytes{model=\"tiny\"} 33",
            "gyre_engine_prefix_hits_total{model=\"tiny\"} 10",
            "gyre_engine_prefix_tokens_reused_total{model=\"tiny\"} 11",
            "gyre_engine_prefix_evictions_total{model=\"tiny\"} 12",
            "gyre_engine_preemptions_total{model=\"tiny\"} 13",
        ] {
            assert!(text.lines().any(|given| given == line), "{line} in\n{text}");
        }
    }
}
