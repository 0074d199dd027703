//! What was last heard of a running worker, and whether it is hung.
//!
//! Time is counted in ticks of the watching task, never read from a clock: a host that was stopped itself for an hour
//! finds one tick gone, not a worker that kept silent for an hour.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::EngineConfig;
use crate::wire::Pulse;

/// How long nothing may be heard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Between two looks.
    pub(crate) tick: Duration,
    /// Of the worker's reading thread, which computes nothing.
    pub(crate) answer: Duration,
    /// Of a model that computes, beside what the step at hand may take.
    pub(crate) step: Duration,
}

impl Patience {
    pub(crate) fn of(config: &EngineConfig) -> Self {
        let shortest = config.answer_wait.min(config.step_wait) / 4;
        Self {
            tick: shortest.clamp(Duration::from_millis(10), Duration::from_secs(1)),
            answer: config.answer_wait,
            step: config.step_wait,
        }
    }
}

/// The task that reads replies writes it, the one that watches reads it.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// A frame came since the last tick.
    frame: bool,
    silent: Duration,
    models: HashMap<String, Model>,
}

#[derive(Debug)]
struct Model {
    beats: u64,
    busy: bool,
    allowance: Duration,
    still: Duration,
}

impl Heard {
    /// Notes a frame of any kind.
    pub(crate) fn frame(&self) {
        self.state().frame = true;
    }

    /// Notes how the models do; those not named are gone.
    pub(crate) fn pulses(&self, pulses: Vec<Pulse>) {
        let mut state = self.state();
        let mut before = std::mem::take(&mut state.models);
        for pulse in pulses {
            let still = match before.remove(&pulse.model) {
                Some(model) if model.beats == pulse.beats && model.busy && pulse.busy => model.still,
                _ => Duration::ZERO,
            };
            let model = Model {
                beats: pulse.beats,
                busy: pulse.busy,
                allowance: Duration::from_millis(pulse.allowance_ms),
                still,
            };
            state.models.insert(pulse.model, model);
        }
    }

    /// Notes that one tick passed; says why the worker is hung, when it is.
    pub(crate) fn tick(&self, patience: Patience) -> Option<String> {
        let mut state = self.state();
        if std::mem::take(&mut state.frame) {
            state.silent = Duration::ZERO;
        } else {
            state.silent += patience.tick;
        }
        if state.silent >= patience.answer {
            return Some("it hung: it gave no sign of life in time and was killed".to_owned());
        }
        for (name, model) in &mut state.models {
            if !model.busy {
                continue;
            }
            model.still += patience.tick;
            if model.still > patience.step.saturating_add(model.allowance) {
                return Some(format!(
                    "it hung: the model {name} made no progress for {} s and the worker was killed",
                    model.still.as_secs()
                ));
            }
        }
        None
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // It is whole between any two statements.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        tick: Duration::from_secs(1),
        answer: Duration::from_secs(4),
        step: Duration::from_secs(10),
    };

    fn pulse(beats: u64, busy: bool, allowance_ms: u64) -> Vec<Pulse> {
        vec![Pulse {
            model: "m".to_owned(),
            beats,
            busy,
            allowance_ms,
        }]
    }

    /// Ticks until it is hung, at most 100, when each tick hears these.
    fn ticks(mut hears: impl FnMut(u64, &Heard)) -> Option<u64> {
        let heard = Heard::default();
        (1..=100).find(|tick| {
            hears(*tick, &heard);
            heard.tick(PATIENCE).is_some()
        })
    }

    #[test]
    fn silence_is_a_hang_and_any_frame_is_none() {
        assert_eq!(ticks(|_, _| {}), Some(4));
        assert_eq!(ticks(|_, heard| heard.frame()), None);
        let rarely = |tick: u64, heard: &Heard| {
            if tick.is_multiple_of(3) {
                heard.frame();
            }
        };
        assert_eq!(ticks(rarely), None);
    }

    #[test]
    fn a_busy_model_that_stands_still_is_a_hang_though_the_worker_answers() {
        let hears = |pulse: fn(u64) -> Vec<Pulse>| {
            ticks(move |tick, heard| {
                heard.frame();
                heard.pulses(pulse(tick));
            })
        };
        assert_eq!(hears(|_| pulse(7, true, 0)), Some(11));
        assert_eq!(hears(|_| pulse(7, true, 20_000)), Some(31), "a long step");
        assert_eq!(hears(|tick| pulse(tick / 9, true, 0)), None, "slow");
        assert_eq!(hears(|_| pulse(7, false, 0)), None, "idle");
        assert_eq!(
            hears(|tick| pulse(7, !tick.is_multiple_of(9), 0)),
            None,
            "rests between"
        );
        assert_eq!(hears(|_| Vec::new()), None, "unloaded");
    }
}
