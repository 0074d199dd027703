//! Checks of what models can be computed on: asks the worker, and says why a graphics processor is not used.

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

/// A graphics processor that this machine seems to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// Whose it is.
    maker: &'static str,
    /// The feature the worker must be built with.
    feature: &'static str,
    /// As llama.cpp names the backend.
    backend: &'static str,
    /// The driver's library is there.
    driver: bool,
}

/// One check for each device, and one for each graphics processor that is not used.
pub(super) async fn check(worker: PathBuf) -> Vec<Check> {
    if !worker.is_file() {
        // The check of the worker itself says so.
        return Vec::new();
    }
    let asked = tokio::task::spawn_blocking(move || ask(&worker)).await;
    match asked.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(report) => told(&report, &seen(Path::new("/"))),
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

fn told(report: &Report, seen: &[Seen]) -> Vec<Check> {
    let used = report.devices.iter().map(|device| Check::ok(NAME, line(device)));
    let unused = seen.iter().filter_map(|gpu| unused(report, *gpu));
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

/// Why a graphics processor is not among the devices.
fn unused(report: &Report, gpu: Seen) -> Option<Check> {
    let Seen {
        maker,
        feature,
        backend,
        driver,
    } = gpu;
    let used = report.devices.iter().any(|device| {
        device.kind.contains("gpu") && (device.backend.starts_with(backend) || device.backend == "Vulkan")
    });
    if used {
        return None;
    }
    let (why, cure) = if !driver {
        (
            "its driver's library is not found",
            format!(
                "install the driver of {maker}; a container needs it let in, for example by `--gpus all`"
            ),
        )
    } else if report.built_with.iter().any(|built| built == feature) {
        (
            "the worker has the backend and finds no device it can use",
            format!(
                "see that the driver runs and is new enough for this {backend}; docs/gpu.md has how to look"
            ),
        )
    } else if report.loads_backends {
        (
            "no backend for it lies beside the worker",
            format!("put libggml-{feature}.so into the folder `backends` beside gyre-engine (docs/gpu.md)"),
        )
    } else {
        (
            "the worker was built without its backend",
            format!("build it with `--features {feature}` (docs/gpu.md)"),
        )
    };
    Some(Check::warn(
        NAME,
        format!("a graphics processor of {maker} is not used: {why}"),
        cure,
    ))
}

/// The graphics processors that the system shows, whether llama.cpp sees them or not.
fn seen(root: &Path) -> Vec<Seen> {
    let there = |path: &str| root.join(path).exists();
    let library = |name: &str| {
        [
            "usr/lib/x86_64-linux-gnu",
            "usr/lib/aarch64-linux-gnu",
            "usr/lib64",
            "usr/lib",
            "usr/local/nvidia/lib64",
            "opt/rocm/lib",
        ]
        .iter()
        .any(|folder| root.join(folder).join(name).exists())
    };
    let mut seen = Vec::new();
    if there("dev/nvidiactl") || there("proc/driver/nvidia") {
        seen.push(Seen {
            maker: "NVIDIA",
            feature: "cuda",
            backend: "CUDA",
            driver: library("libcuda.so.1"),
        });
    }
    if there("dev/kfd") {
        seen.push(Seen {
            maker: "AMD",
            feature: "rocm",
            backend: "ROCm",
            driver: library("libamdhip64.so"),
        });
    }
    if cfg!(target_os = "macos") && root == Path::new("/") {
        seen.push(Seen {
            maker: "Apple",
            feature: "metal",
            backend: "Metal",
            driver: true,
        });
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn report(built_with: &[&str], loads_backends: bool, gpu: Option<&str>) -> Report {
        let device = |backend: &str, kind: &str| Device {
            backend: backend.to_owned(),
            name: format!("{backend}0"),
            description: "a chip".to_owned(),
            kind: kind.to_owned(),
            memory_bytes: 3 << 30,
            memory_free_bytes: 1 << 30,
        };
        let gpu = gpu.map(|backend| device(backend, "gpu"));
        Report {
            built_with: built_with.iter().map(|it| (*it).to_owned()).collect(),
            loads_backends,
            devices: std::iter::once(device("CPU", "cpu")).chain(gpu).collect(),
        }
    }

    #[test]
    fn what_is_not_used_is_told_with_its_cure() {
        const NVIDIA: Seen = Seen {
            maker: "NVIDIA",
            feature: "cuda",
            backend: "CUDA",
            driver: true,
        };
        let check = |report: Report, gpu: Option<Seen>, cure: Option<&str>| {
            let checks = told(&report, gpu.as_slice());
            assert_eq!(checks[0].level, Level::Ok, "the processor: {checks:?}");
            assert!(
                checks[0].message.contains("1.0 GiB of 3.0 GiB free"),
                "{checks:?}"
            );
            let told = checks.iter().find(|check| check.level == Level::Warn);
            match cure {
                None => assert_eq!(told, None),
                Some(part) => {
                    let told = told.and_then(|check| check.cure.as_deref()).expect(part);
                    assert!(told.contains(part), "{told}");
                }
            }
        };
        check(report(&[], false, None), None, None);
        check(report(&[], false, None), Some(NVIDIA), Some("--features cuda"));
        check(report(&[], true, None), Some(NVIDIA), Some("libggml-cuda.so"));
        check(report(&["cuda"], false, None), Some(NVIDIA), Some("new enough"));
        let without = Seen {
            driver: false,
            ..NVIDIA
        };
        check(
            report(&["cuda"], false, None),
            Some(without),
            Some("install the driver"),
        );
        check(report(&["cuda"], false, Some("CUDA")), Some(NVIDIA), None);
        check(report(&["vulkan"], false, Some("Vulkan")), Some(NVIDIA), None);
    }

    #[test]
    fn graphics_processors_are_seen_by_what_their_drivers_make() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(seen(root.path()), []);
        let put = |path: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, "").expect("a file");
        };
        put("dev/nvidiactl");
        let found = seen(root.path());
        assert!(
            matches!(
                found[..],
                [Seen {
                    feature: "cuda",
                    driver: false,
                    ..
                }]
            ),
            "{found:?}"
        );
        put("usr/lib64/libcuda.so.1");
        assert!(seen(root.path())[0].driver);
    }

    #[test]
    fn a_worker_that_fails_or_says_nonsense_is_told() {
        assert!(ask(Path::new("false")).is_err_and(|why| why.contains("exit status")));
        assert!(ask(Path::new("true")).is_err());
        assert!(ask(Path::new("/nowhere/gyre-engine")).is_err());
    }
}
