//! How many sandboxes run at once. Nothing waits: a chained call that waited for its own caller would never end.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Leave to run one sandbox, given back when dropped.
pub(crate) type Permit = OwnedSemaphorePermit;

/// A bound on what runs at once.
pub(crate) struct Admission {
    places: Arc<Semaphore>,
    #[cfg(test)]
    places_max: usize,
}

impl Admission {
    pub(crate) fn new(places_max: u32) -> Self {
        let places_max = usize::try_from(places_max).map_or(Semaphore::MAX_PERMITS, |places| {
            places.min(Semaphore::MAX_PERMITS)
        });
        Self {
            places: Arc::new(Semaphore::new(places_max)),
            #[cfg(test)]
            places_max,
        }
    }

    /// A place, if one is free.
    pub(crate) fn enter(&self) -> Option<Permit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Places that are taken.
    #[cfg(test)]
    fn taken(&self) -> usize {
        self.places_max.saturating_sub(self.places.available_permits())
    }
}

/// Leave to run one sandbox of one component.
pub(crate) struct Leave {
    /// Of the component.
    pub(crate) _call: Permit,
    /// Of the application.
    pub(crate) _sandbox: Permit,
}

#[cfg(test)]
mod tests {
    use super::Admission;

    #[test]
    fn no_more_than_it_may_and_each_place_comes_back() {
        let admission = Admission::new(2);
        let (first, second) = (admission.enter(), admission.enter());
        assert!(first.is_some() && second.is_some() && admission.enter().is_none());
        assert_eq!(admission.taken(), 2);
        drop(first);
        assert_eq!(admission.taken(), 1);
        assert!(admission.enter().is_some(), "a place that came back");
        drop(second);
        assert_eq!(admission.taken(), 0);
    }
}
