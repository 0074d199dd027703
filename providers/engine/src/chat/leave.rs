//! Who leaves before the end: those nobody waits for, and those whose time is up.

use super::owner::Batcher;

impl Batcher<'_> {
    /// Frees the slots of completions nobody waits for, or whose time is up.
    pub(super) fn drop_unwanted(&mut self) {
        let model = &self.setup.entry.info.name;
        for slot in 0..self.slots.len() {
            let Some(sequence) = &self.slots[slot] else {
                continue;
            };
            let expired = sequence.times.expired();
            if sequence.ticket.is_cancelled() {
                drop(self.free(slot));
            } else if let Some(expired) = expired
                && let Some(sequence) = self.free(slot)
            {
                self.count();
                sequence.expire(expired, model);
            }
        }
        for sequence in std::mem::take(&mut self.parked) {
            match sequence.times.expired() {
                _ if sequence.ticket.is_cancelled() => drop(sequence),
                Some(expired) => sequence.expire(expired, model),
                None => self.parked.push(sequence),
            }
        }
    }
}
