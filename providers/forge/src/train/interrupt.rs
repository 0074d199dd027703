//! Signals that end a run.

use super::TrainError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that Ctrl-C (or a request to terminate) sets: a run then writes a checkpoint and ends. The second one ends the
/// program at once, as the checkpoints allow. A program can ask for this once.
pub fn stop_on_signals() -> Result<Arc<AtomicBool>, TrainError> {
    let asked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&asked);
    let heard = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    heard.map_err(TrainError::Signals)?;
    Ok(asked)
}
