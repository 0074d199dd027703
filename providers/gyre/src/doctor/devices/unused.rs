//! Graphics processors of this machine that the worker does not use, and why.

use super::super::Check;
use super::{NAME, Report};
use std::path::Path;

/// A graphics processor that this machine seems to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Whose it is.
    maker: &'static str,
    /// The feature the worker must be built with.
    feature: &'static str,
    /// As llama.cpp names the backend.
    backend: &'static str,
    /// The driver's library is there.
    driver: bool,
}

/// Why a graphics processor is not among the devices.
pub(super) fn told(report: &Report, gpu: Seen) -> Option<Check> {
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
pub(super) fn seen(root: &Path) -> Vec<Seen> {
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
    use super::super::super::Level;
    use super::super::{Device, told as all};
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
            let checks = all(&report, gpu.as_slice());
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
}
