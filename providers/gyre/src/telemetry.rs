//! Where telemetry goes: one start, by OpenTelemetry's own environment variables.

use anyhow::{Context, Result};
use gyre_capability_otel::{Config, Exporter, Telemetry};

/// Starts to export where a collector is named. Must be called within the runtime.
pub(crate) fn start() -> Result<Telemetry> {
    let config = Config::read(|name| std::env::var(name).ok())?;
    let exporter = config
        .map(Exporter::start)
        .transpose()
        .context("cannot start to export telemetry")?;
    Ok(Telemetry::new(exporter))
}
