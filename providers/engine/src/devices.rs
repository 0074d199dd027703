//! What this worker can compute on: `gyre-engine --devices`, for `gyre doctor`.

use llama_cpp_2::{LlamaBackendDevice, LlamaBackendDeviceType, list_llama_ggml_backend_devices};
use serde::Serialize;

/// What is printed, as JSON.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Backends this worker was built with, beside that of the processor.
    built_with: Vec<&'static str>,
    /// Whether it loads backends that lie beside it.
    loads_backends: bool,
    devices: Vec<Device>,
}

#[derive(Serialize)]
struct Device {
    /// Name of the backend, such as `CUDA`.
    backend: String,
    /// Name of the device, such as `CUDA0`.
    name: String,
    description: String,
    kind: &'static str,
    memory_bytes: usize,
    memory_free_bytes: usize,
}

/// The devices there are now. The backend must be initialised.
pub(crate) fn report() -> Report {
    let built_with = [
        ("cuda", cfg!(feature = "cuda")),
        ("metal", cfg!(feature = "metal")),
        ("vulkan", cfg!(feature = "vulkan")),
        ("rocm", cfg!(feature = "rocm")),
    ];
    Report {
        built_with: built_with
            .into_iter()
            .filter_map(|(name, built)| built.then_some(name))
            .collect(),
        loads_backends: cfg!(feature = "dynamic-backends"),
        devices: list_llama_ggml_backend_devices()
            .into_iter()
            .map(Device::from)
            .collect(),
    }
}

impl From<LlamaBackendDevice> for Device {
    fn from(device: LlamaBackendDevice) -> Self {
        Self {
            backend: device.backend,
            name: device.name,
            description: device.description,
            kind: match device.device_type {
                LlamaBackendDeviceType::Cpu => "cpu",
                LlamaBackendDeviceType::Accelerator => "accelerator",
                LlamaBackendDeviceType::Gpu => "gpu",
                LlamaBackendDeviceType::IntegratedGpu => "integrated-gpu",
                LlamaBackendDeviceType::Unknown => "unknown",
            },
            memory_bytes: device.memory_total,
            memory_free_bytes: device.memory_free,
        }
    }
}
