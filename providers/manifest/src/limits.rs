//! What `[component.<id>.tool.gyre]` says: bounds on one request, and grants that Spin has no word for.

use crate::{error::Problem, section::Section};

/// What one request of a component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of its sandbox, each memory counted apart. Default 64 MiB.
    pub memory_bytes_max: u64,
    /// Wall time from the call to the last byte of the answer. Default 120 s.
    pub request_ms_max: u64,
    /// Time it computes, waiting not counted. Default 30 s.
    pub cpu_ms_max: u64,
    /// Body of a request it is sent. Default 16 MiB.
    pub request_bytes_max: u64,
    /// Body of its answer. Default 64 MiB.
    pub response_bytes_max: u64,
    /// Requests it is sent that run at once. Default 1000, the size of the pool.
    pub calls_max: u32,
    /// Requests it sends during one it is sent. Default 1000.
    pub outbound_requests_max: u32,
    /// Calls one behind another that may lead to it. Default 12.
    pub hops_max: u8,
}

impl Limits {
    /// What applies where the manifest says nothing.
    pub const DEFAULT: Self = Self {
        memory_bytes_max: 64 << 20,
        request_ms_max: 120_000,
        cpu_ms_max: 30_000,
        request_bytes_max: 16 << 20,
        response_bytes_max: 64 << 20,
        calls_max: 1_000,
        outbound_requests_max: 1_000,
        hops_max: 12,
    };

    fn read(gyre: &mut Section) -> Result<Self, Problem> {
        let default = Self::DEFAULT;
        Ok(Self {
            memory_bytes_max: gyre.limit("memory_bytes_max", default.memory_bytes_max)?,
            request_ms_max: gyre.limit("request_ms_max", default.request_ms_max)?,
            cpu_ms_max: gyre.limit("cpu_ms_max", default.cpu_ms_max)?,
            request_bytes_max: gyre.limit("request_bytes_max", default.request_bytes_max)?,
            response_bytes_max: gyre.limit("response_bytes_max", default.response_bytes_max)?,
            calls_max: gyre.limit("calls_max", default.calls_max)?,
            outbound_requests_max: gyre.limit("outbound_requests_max", default.outbound_requests_max)?,
            hops_max: gyre.limit("hops_max", default.hops_max)?,
        })
    }
}

/// How long an instance of a component lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InstancePolicy {
    /// One request, and it is dropped.
    #[default]
    Fresh,
    /// Several requests, one after another: what the guest keeps in memory is there for the next.
    Reuse,
}

impl InstancePolicy {
    fn read(gyre: &mut Section) -> Result<Self, Problem> {
        let key = gyre.key("instance");
        match gyre.string("instance")?.as_deref() {
            None | Some("fresh") => Ok(Self::Fresh),
            Some("reuse") => Ok(Self::Reuse),
            Some(other) => Err(Problem::new(
                key,
                format!("`{other}` is no way to use instances"),
                "write \"fresh\" or \"reuse\"",
            )),
        }
    }
}

/// All of `tool.gyre`.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) limits: Limits,
    pub(crate) instance: InstancePolicy,
    pub(crate) local_models: bool,
    pub(crate) default_model: Option<String>,
    pub(crate) tick_ms: Option<u64>,
}

impl Tool {
    /// Reads `tool.gyre`; tables of other tools are theirs.
    pub(crate) fn read(component: &mut Section) -> Result<Self, Problem> {
        let mut read = Self {
            limits: Limits::DEFAULT,
            instance: InstancePolicy::default(),
            local_models: false,
            default_model: None,
            tick_ms: None,
        };
        let Some(mut tool) = component.section("tool")? else {
            return Ok(read);
        };
        if let Some(mut gyre) = tool.section("gyre")? {
            read.limits = Limits::read(&mut gyre)?;
            read.instance = InstancePolicy::read(&mut gyre)?;
            read.local_models = gyre.bool("local_models")?.unwrap_or(false);
            read.default_model = default_model(&mut gyre, read.local_models)?;
            read.tick_ms = gyre.positive("tick_ms")?;
            gyre.finish()?;
        }
        tool.tables()?;
        Ok(read)
    }
}

/// Only who may load the models of the command line may say which takes their place.
fn default_model(gyre: &mut Section, local_models: bool) -> Result<Option<String>, Problem> {
    const KEY: &str = "default_model";
    let Some(name) = gyre.string(KEY)? else {
        return Ok(None);
    };
    if local_models {
        return Ok(Some(name));
    }
    Err(Problem::new(
        gyre.key(KEY),
        "it is loaded in place of one of the command line, which this component may not load",
        "write `local_models = true` beside it, or name it in `ai_models`",
    ))
}
