//! The end of the worker, for whoever was the last to need it.

use tokio::sync::watch;

/// Stops the supervisor when nobody is left to call.
pub(crate) struct Guard {
    stop: watch::Sender<bool>,
}

impl Guard {
    /// A guard, and what the supervisor watches.
    pub(crate) fn new() -> (Self, watch::Receiver<bool>) {
        let (stop, stopped) = watch::channel(false);
        (Self { stop }, stopped)
    }

    /// Stops the supervisor now, whoever is left.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }
}
