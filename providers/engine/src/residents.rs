//! The models and graphs that hold memory: those that take calls, and those that end with the calls they have.

use std::collections::HashMap;
use std::sync::Arc;

use gyre_engine_ipc::{EngineError, MemoryBytes, ModelStats};

use crate::counters::Counters;
use crate::presence::Presence;
use crate::queue::Queue;
use crate::room::{self, Holder, Limits, NoRoom};

/// Models and graphs loaded at once; idle ones that were used longest ago make room. Each has a thread, and those of its
/// computation.
const MODELS_MAX: usize = 16;

/// A model and the thread that owns it.
pub(crate) struct Resident {
    pub(crate) name: String,
    pub(crate) queue: Queue,
    pub(crate) counters: Arc<Counters>,
    pub(crate) presence: Arc<Presence>,
    /// As its header tells, or the size of its file.
    pub(crate) memory: MemoryBytes,
}

impl Resident {
    fn memory(&self) -> MemoryBytes {
        self.counters.memory(self.memory)
    }

    /// Nothing runs or waits, and it is loaded.
    fn is_idle(&self) -> bool {
        self.queue.loading().has_ended() && self.queue.queued() == [0; 3] && self.counters.is_idle()
    }
}

/// The table of them; only the thread that reads calls touches it.
pub(crate) struct Residents {
    open: HashMap<String, (u64, Resident)>,
    leaving: Vec<Resident>,
    bytes_max: u64,
    clock: u64,
}

impl Residents {
    /// Together they take so many bytes at most.
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self {
            open: HashMap::new(),
            leaving: Vec::new(),
            bytes_max,
            clock: 0,
        }
    }

    /// The queue of a model that takes calls.
    pub(crate) fn queue(&mut self, name: &str) -> Option<Queue> {
        self.sweep();
        self.clock += 1;
        let (used_at, model) = self.open.get_mut(name)?;
        *used_at = self.clock;
        Some(model.queue.clone())
    }

    /// Makes room for a model; the answer is who must be gone before it is loaded.
    pub(crate) fn make_room(
        &mut self,
        name: &str,
        need: MemoryBytes,
    ) -> Result<Vec<Arc<Presence>>, EngineError> {
        self.sweep();
        let open: Vec<String> = self.open.keys().cloned().collect();
        let mut holders: Vec<Holder> = open
            .iter()
            .map(|name| holder(&self.open[name].1, Some(self.open[name].0)))
            .collect();
        holders.extend(self.leaving.iter().map(|model| holder(model, None)));
        let limits = Limits {
            bytes: self.bytes_max,
            models: MODELS_MAX,
        };
        let room = room::make(&holders, need.total(), limits).map_err(|no| self.refusal(name, need, &no))?;
        let presence = |index: &usize| match open.get(*index) {
            Some(name) => Arc::clone(&self.open[name].1.presence),
            None => Arc::clone(&self.leaving[*index - open.len()].presence),
        };
        let after = room.after.iter().map(presence).collect();
        for index in room.evict {
            tracing::info!(model = open[index], "a model that is idle makes room");
            self.close(&open[index]);
        }
        Ok(after)
    }

    /// Adds one that takes calls from now on.
    pub(crate) fn insert(&mut self, model: Resident) {
        self.clock += 1;
        self.open.insert(model.name.clone(), (self.clock, model));
    }

    /// Has a model take no more calls; it ends with those it has. All that hold this name's memory are told.
    pub(crate) fn close(&mut self, name: &str) -> Vec<&Resident> {
        if let Some((_, model)) = self.open.remove(name) {
            model.queue.close();
            self.leaving.push(model);
        }
        self.leaving.iter().filter(|model| model.name == name).collect()
    }

    /// What each did, once a name: one that leaves is told of until it is there again.
    pub(crate) fn stats(&mut self) -> Vec<ModelStats> {
        self.sweep();
        let open = self.open.values().map(|(_, model)| model);
        let leaving = self.leaving.iter();
        let leaving = leaving.filter(|model| !self.open.contains_key(&model.name));
        let mut stats: Vec<ModelStats> = open
            .chain(leaving)
            .map(|model| {
                let memory = model.memory();
                model.counters.read(&model.name, model.queue.queued(), memory)
            })
            .collect();
        stats.sort_by(|a, b| a.model.cmp(&b.model));
        stats.dedup_by(|a, b| a.model == b.model);
        stats
    }

    /// Forgets those that are gone, and notes those whose thread ended by itself.
    fn sweep(&mut self) {
        let closed = self.open.extract_if(|_, (_, model)| model.queue.is_closed());
        self.leaving.extend(closed.map(|(_, (_, model))| model));
        self.leaving.retain(|model| !model.presence.is_gone());
    }

    fn refusal(&self, name: &str, need: MemoryBytes, no: &NoRoom) -> EngineError {
        let model = name.to_owned();
        match *no {
            NoRoom::Memory { held_bytes } => EngineError::OutOfMemory {
                model,
                need_bytes: need.total(),
                limit_bytes: self.bytes_max,
                held_bytes,
            },
            NoRoom::Models => EngineError::TooManyModels {
                model,
                models_max: MODELS_MAX,
            },
        }
    }
}

/// `used_at` is of one that takes calls.
fn holder(model: &Resident, used_at: Option<u64>) -> Holder {
    Holder {
        bytes: model.memory().total(),
        idle: model.is_idle(),
        leaving: used_at.is_none(),
        used_at: used_at.unwrap_or_default(),
    }
}
