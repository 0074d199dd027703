//! Jobs that wait for admission: a line per urgency and tenant, bounded together and per tenant. Pure.

use std::collections::{BTreeMap, VecDeque};

use super::place::{Place, Priority};
use crate::inbox::Line;

/// A job that has a place.
pub(crate) trait Placed {
    fn place(&self) -> &Place;
}

/// The first of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) place: Place,
    /// Counts up over all lines.
    pub(crate) arrived: u64,
}

pub(crate) struct Lines<J> {
    lines: BTreeMap<Place, VecDeque<(u64, J)>>,
    arrivals: u64,
}

impl<J> Default for Lines<J> {
    fn default() -> Self {
        Self {
            lines: BTreeMap::new(),
            arrivals: 0,
        }
    }
}

impl<J> Lines<J> {
    /// The first of each line.
    pub(crate) fn heads(&self) -> Vec<Head> {
        let head = |(place, line): (&Place, &VecDeque<(u64, J)>)| {
            let (arrived, _) = line.front()?;
            Some(Head {
                place: place.clone(),
                arrived: *arrived,
            })
        };
        self.lines.iter().filter_map(head).collect()
    }

    /// Takes the first of this line.
    pub(crate) fn take(&mut self, place: &Place) -> Option<(u64, J)> {
        let line = self.lines.get_mut(place)?;
        let first = line.pop_front();
        if line.is_empty() {
            self.lines.remove(place);
        }
        first
    }

    fn count(&self, counts: impl Fn(&Place) -> bool) -> usize {
        let lines = self.lines.iter().filter(|(place, _)| counts(place));
        lines.map(|(_, line)| line.len()).sum()
    }
}

impl<J: Placed> Line<J> for Lines<J> {
    fn push(&mut self, job: J, capacity: usize) -> Result<(), J> {
        let place = job.place().clone();
        let of_host = self.count(|other| other.tenant.host() == place.tenant.host());
        let own = self.count(|other| other.tenant == place.tenant);
        // One tenant never fills the queue, and neither does a host's tenant with tenants of its own.
        let (own_max, host_max) = (capacity.div_ceil(2), capacity - capacity / 4);
        if self.count(|_| true) >= capacity || own >= own_max || of_host >= host_max {
            return Err(job);
        }
        self.arrivals += 1;
        self.lines
            .entry(place)
            .or_default()
            .push_back((self.arrivals, job));
        Ok(())
    }

    fn pop(&mut self) -> Option<J> {
        let first = self.lines.keys().next()?.clone();
        self.take(&first).map(|(_, job)| job)
    }

    fn remove(&mut self, unwanted: &dyn Fn(&J) -> bool) -> Vec<J> {
        let mut removed = Vec::new();
        // Asked before each step, and nearly always of nobody.
        if !self.lines.values().flatten().any(|(_, job)| unwanted(job)) {
            return removed;
        }
        for line in self.lines.values_mut() {
            for (arrived, job) in std::mem::take(line) {
                match unwanted(&job) {
                    true => removed.push(job),
                    false => line.push_back((arrived, job)),
                }
            }
        }
        self.lines.retain(|_, line| !line.is_empty());
        removed
    }

    fn queued(&self) -> [usize; 3] {
        [Priority::Low, Priority::Normal, Priority::High]
            .map(|priority| self.count(|place| place.priority == priority))
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Tenant;
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Job(Place, u32);

    impl Placed for Job {
        fn place(&self) -> &Place {
            &self.0
        }
    }

    fn job(host: &str, own: &str, priority: Priority, number: u32) -> Job {
        let tenant = Tenant::new(host, Some(own));
        Job(Place { priority, tenant }, number)
    }

    #[test]
    fn a_flood_leaves_room_for_others() {
        let mut lines = Lines::default();
        let mut taken = |host: &str, own: &dyn Fn(u32) -> String| {
            let push = |number: &u32| {
                let job = job(host, &own(*number), Priority::Normal, *number);
                lines.push(job, 8).is_ok()
            };
            (0..20).filter(push).count()
        };
        assert_eq!(taken("a", &|_| String::new()), 4, "half of the queue");
        assert_eq!(
            taken("a", &|number| number.to_string()),
            2,
            "three quarters of it"
        );
        assert_eq!(taken("b", &|_| String::new()), 2, "the rest is there for others");
        assert_eq!(taken("c", &|_| String::new()), 0, "full");
        assert_eq!(lines.queued(), [0, 8, 0]);
        let mut one = Lines::default();
        assert!(one.push(job("a", "", Priority::Low, 1), 1).is_ok());
    }

    #[test]
    fn lines_keep_their_order_and_what_is_unwanted_leaves() {
        let mut lines = Lines::default();
        for number in 0..6 {
            let priority = Priority::ALL[number as usize % 3];
            assert!(lines.push(job("a", "", priority, number), 99).is_ok());
        }
        let heads: Vec<_> = lines
            .heads()
            .iter()
            .map(|head| (head.place.priority, head.arrived))
            .collect();
        assert_eq!(
            heads,
            [(Priority::Low, 3), (Priority::Normal, 2), (Priority::High, 1)]
        );
        let gone = lines.remove(&|job| job.1 == 1 || job.1 == 3);
        assert_eq!(gone.iter().map(|job| job.1).collect::<Vec<_>>(), [1, 3]);
        let place = job("a", "", Priority::Low, 0).0;
        assert_eq!(lines.take(&place).map(|(_, job)| job.1), Some(2));
        assert_eq!(lines.take(&place).map(|(_, job)| job.1), Some(5));
        assert_eq!(lines.take(&place), None);
        assert_eq!(lines.queued(), [0, 1, 1]);
        assert!(lines.pop().is_some() && lines.pop().is_some() && lines.pop().is_none());
    }
}
