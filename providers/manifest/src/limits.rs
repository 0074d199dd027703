//! What `[component.<id>.tool.gyre]` says: bounds on one request, and grants that Spin has no word for.

use crate::{error::Problem, section::Section};

/// What one request of a component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of its sandbox, each memory counted apart. Default 64 MiB.
    pub memory_bytes_max: u64,
    /// Wall time from the call to the last byte of the answer. Default 120 s.
    pub request_ms_max: u64,
    /// Body of a request it is sent. Default 16 MiB.
    pub request_bytes_max: u64,
    /// Body of its answer. Default 64 MiB.
    pub response_bytes_max: u64,
}

impl Limits {
    /// What applies where the manifest says nothing.
    pub const DEFAULT: Self = Self {
        memory_bytes_max: 64 << 20,
        request_ms_max: 120_000,
        request_bytes_max: 16 << 20,
        response_bytes_max: 64 << 20,
    };

    fn read(gyre: &mut Section) -> Result<Self, Problem> {
        Ok(Self {
            memory_bytes_max: gyre
                .positive("memory_bytes_max")?
                .unwrap_or(Self::DEFAULT.memory_bytes_max),
            request_ms_max: gyre
                .positive("request_ms_max")?
                .unwrap_or(Self::DEFAULT.request_ms_max),
            request_bytes_max: gyre
                .positive("request_bytes_max")?
                .unwrap_or(Self::DEFAULT.request_bytes_max),
            response_bytes_max: gyre
                .positive("response_bytes_max")?
                .unwrap_or(Self::DEFAULT.response_bytes_max),
        })
    }
}

/// All of `tool.gyre`.
pub(crate) struct Tool {
    pub(crate) limits: Limits,
    pub(crate) local_models: bool,
}

impl Tool {
    /// Reads `tool.gyre`; tables of other tools are theirs.
    pub(crate) fn read(component: &mut Section) -> Result<Self, Problem> {
        let mut read = Self {
            limits: Limits::DEFAULT,
            local_models: false,
        };
        let Some(mut tool) = component.section("tool")? else {
            return Ok(read);
        };
        if let Some(mut gyre) = tool.section("gyre")? {
            read.limits = Limits::read(&mut gyre)?;
            read.local_models = gyre.bool("local_models")?.unwrap_or(false);
            gyre.finish()?;
        }
        Ok(read)
    }
}
