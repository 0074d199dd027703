//! What a run starts with.

use super::checkpoint::{Checkpoint, Checkpoints, State};
use super::optimiser::Moments;
use super::{Run, Settings, TrainError, Watch};
use crate::model::Weights;

/// The newest checkpoint, or that the run starts from, or random weights.
pub(super) fn start(
    run: Run<'_>,
    checkpoints: &Checkpoints,
    watch: &mut dyn Watch,
) -> Result<Checkpoint, TrainError> {
    let settings = run.settings;
    let fresh = State::new(settings, run.tokens.hash());
    if let Some(path) = checkpoints.newest()? {
        let mut found = Checkpoint::load(&path)?;
        let other = |why: String| TrainError::OtherRun {
            path: path.clone(),
            why,
        };
        if found.state.data != fresh.data {
            return Err(other("its data differs: use another folder".to_owned()));
        }
        if let Some(why) = settings.differs_from(&found.state.settings, found.state.step) {
            return Err(other(why));
        }
        watch.note(&format!("going on from `{}`", path.display()));
        found.state.settings = settings.clone();
        return Ok(found);
    }
    let Some(path) = run.from else {
        let weights = Weights::random(&settings.shape, settings.seed)?;
        let moments = Moments::new(weights.values().len());
        return Ok(Checkpoint {
            state: fresh,
            weights,
            moments,
        });
    };
    let found = Checkpoint::load(path)?;
    if let Some(why) = unfit(&found.state, settings) {
        return Err(TrainError::OtherRun {
            path: path.to_owned(),
            why,
        });
    }
    let same_order = found.state.data == fresh.data && found.state.settings.seed == settings.seed;
    watch.note(&format!("starting from `{}`", path.display()));
    Ok(Checkpoint {
        state: State {
            step: found.state.step,
            tokens: found.state.tokens,
            place: if same_order {
                found.state.place
            } else {
                fresh.place
            },
            ..fresh
        },
        ..found
    })
}

/// Why a new run cannot start from there, unless it can.
fn unfit(found: &State, settings: &Settings) -> Option<String> {
    if found.settings.shape != settings.shape {
        return Some("its model has another shape".to_owned());
    }
    if found.settings.optimiser != settings.optimiser {
        return Some("its moments are of another optimiser: use the same".to_owned());
    }
    let (made, steps) = (found.step, settings.steps);
    (made >= steps).then(|| format!("it made {made} steps: tell more than {steps}"))
}
