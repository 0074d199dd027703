//! Telemetry of a sandbox (`wasi:otel@0.2.0-rc.2`).
