//! Checks of what models can be computed on: asks the worker, and says why a graphics processor is not used.

mod unused;

use super::Check;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const NAME: &str = "device";
/// Drivers can take seconds to start.
const ANSWER_WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);
/// Processor features that make the difference for llama.cpp, as Linux names them on x86-64.
const FEATURES: [&str; 6] = ["avx2", "fma", "f16c", "avx512f", "avx512_vnni", "amx_tile"];

/// What `gyre-engine --devices` prints.
#[derive(Debug, Deserialize)]
struct Report {
    built_with: Vec<String>,
    loads_backends: bool,
    devices: Vec<Device>,
}

#[derive(Debug, Deserialize)]
struct Device {
    backend: String,
    name: String,
    description: String,
    kind: String,
    memory_bytes: u64,
    memory_free_bytes: u64,
}

/// One check for each device, and one for each graphics processor that is not used.
pub(super) async fn check(worker: PathBuf) -> Vec<Check> {
    if !worker.is_file() {
        // The check of the worker itself says so.
        return Vec::new();
    }
    let asked = tokio::task::spawn_blocking(move || ask(&worker)).await;
    match asked.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(report) => told(&report, &unused::seen(Path::new("/"))),
        Err(why) => {
            let cure = "its messages above say more; the worker must be of the same release as gyre";
            vec![Check::warn(NAME, format!("the worker does not say: {why}"), cure)]
        }
    }
}

/// Asks in a process of its own: a driver that crashes or hangs takes nobody with it.
fn ask(worker: &Path) -> Result<Report, String> {
    let mut child = Command::new(worker)
        .arg("--devices")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let begun = Instant::now();
    while child.try_wait().map_err(|error| error.to_string())?.is_none() {
        if begun.elapsed() > ANSWER_WAIT {
            child
                .kill()
                .and_then(|()| child.wait())
                .map_err(|error| error.to_string())?;
            return Err(format!(
                "a driver did not answer within {} s",
                ANSWER_WAIT.as_secs()
            ));
        }
        std::thread::sleep(POLL);
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(output.status.to_string());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

fn told(report: &Report, seen: &[unused::Seen]) -> Vec<Check> {
    let used = report.devices.iter().map(|device| Check::ok(NAME, line(device)));
    let unused = seen.iter().filter_map(|gpu| unused::told(report, *gpu));
    used.chain(unused).collect()
}

fn line(device: &Device) -> String {
    let Device {
        backend,
        name,
        description,
        kind,
        ..
    } = device;
    let gib = |bytes: u64| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30));
    let memory = match device.memory_bytes {
        0 => String::new(),
        total => format!(", {} of {} free", gib(device.memory_free_bytes), gib(total)),
    };
    let features = if kind == "cpu" { features() } else { String::new() };
    format!("{name}: {description} ({kind}, by {backend}{memory}{features})")
}

/// What this processor has of what counts.
fn features() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"));
    let flags: Vec<&str> = flags.unwrap_or_default().split_whitespace().collect();
    let found: Vec<&str> = FEATURES.into_iter().filter(|it| flags.contains(it)).collect();
    if found.is_empty() {
        String::new()
    } else {
        format!(", {}", found.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_fails_or_says_nonsense_is_told() {
        assert!(ask(Path::new("false")).is_err_and(|why| why.contains("exit status")));
        assert!(ask(Path::new("true")).is_err());
        assert!(ask(Path::new("/nowhere/gyre-engine")).is_err());
    }
}
