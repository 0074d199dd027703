//! Who gets a sequence, and who makes room for whom.

use super::fair::Candidate;
use super::job::ChatJob;
use super::line::Head;
use super::memory::Taken;
use super::owner::Batcher;
use super::place::Priority;
use super::plan::Want;
use super::preempt::{self, Held, Running};
use super::sequence::Sequence;
use crate::inbox::Inbox;

impl Batcher<'_> {
    /// Gives sequences to those who wait, as long as there is one to give.
    pub(super) fn fill(&mut self, inbox: &Inbox<ChatJob>) {
        loop {
            let heads = self.heads(inbox);
            let Some((head, victim)) = self.choose(&heads) else {
                return;
            };
            let Some(sequence) = self.take(&heads[head], inbox) else {
                continue;
            };
            if let Some(slot) = victim {
                self.preempt(slot);
            }
            self.place(sequence);
        }
    }

    /// The first of each line; who was taken out of it goes before who was not. Those that wait for a prefix are passed.
    fn heads(&self, inbox: &Inbox<ChatJob>) -> Vec<Head> {
        let mut heads: Vec<Head> = Vec::new();
        let may_go = |sequence: &&Sequence| sequence.awaited.is_none_or(|it| self.memory.is_over(&it));
        let mut parked: Vec<&Sequence> = self.parked.iter().filter(may_go).collect();
        parked.sort_by_key(|sequence| sequence.arrived);
        let parked = parked.into_iter().map(|sequence| Head {
            place: sequence.place.clone(),
            arrived: sequence.arrived,
        });
        let waiting = match self.can_park() {
            true => inbox.look(|line| line.heads()),
            false => Vec::new(),
        };
        for head in parked.chain(waiting) {
            if heads.iter().all(|known| known.place != head.place) {
                heads.push(head);
            }
        }
        heads
    }

    /// Who goes next: where a sequence is free, by urgency and turn; where none is, who makes another give way, and
    /// in which slot.
    fn choose(&mut self, heads: &[Head]) -> Option<(usize, Option<usize>)> {
        let running = running(&self.slots);
        let held = Held::of(running.iter().map(|it| &it.place.tenant));
        let without = heads.iter().map(|head| &head.place.tenant);
        let without: Vec<_> = without.filter(|tenant| held.lacks(tenant)).collect();
        self.patience.note(&without, self.looks);
        if self.memory.has_room() {
            let of = |priority: Priority| {
                let all = heads.iter().enumerate();
                all.filter(move |(_, head)| head.place.priority == priority)
            };
            let priority = self.classes.pick(|priority| of(priority).next().is_some())?;
            let (places, candidates): (Vec<_>, Vec<_>) = of(priority)
                .map(|(at, head)| {
                    let candidate = Candidate {
                        tenant: &head.place.tenant,
                        arrived: head.arrived,
                    };
                    (at, candidate)
                })
                .unzip();
            let picked = self.turns.fair.pick(&candidates, |name| held.by(name))?;
            return Some((*places.get(picked)?, None));
        }
        if !self.can_park() || self.memory.is_copying() {
            return None;
        }
        let mut order: Vec<usize> = (0..heads.len()).collect();
        order.sort_by_key(|at| (std::cmp::Reverse(heads[*at].place.priority), heads[*at].arrived));
        order.into_iter().find_map(|at| {
            let place = &heads[at].place;
            let impatient = self.patience.is_over(&place.tenant, self.looks);
            let slot = preempt::victim(place, impatient, &running, &held)?;
            Some((at, Some(slot)))
        })
    }

    /// Those without memory hold a sampler and a prompt each, so there are no more of them than may run.
    fn can_park(&self) -> bool {
        self.parked.len() < self.setup.args.sequences_max as usize
    }

    /// The sequence at the head of a line. A job that is refused is answered here.
    fn take(&mut self, head: &Head, inbox: &Inbox<ChatJob>) -> Option<Sequence> {
        let is_head = |sequence: &Sequence| sequence.arrived == head.arrived;
        if let Some(at) = self.parked.iter().position(is_head) {
            return Some(self.parked.swap_remove(at));
        }
        let (arrived, job) = inbox.pop_by(|line| line.take(&head.place))?;
        self.prepare(job, arrived)
    }

    /// Takes its memory from a sequence, which goes on later with the tokens and the sampler that it keeps.
    fn preempt(&mut self, slot: usize) {
        if let Some(mut sequence) = self.free(slot) {
            sequence.preemptions += 1;
            sequence.fed = 0;
            self.parked.push(sequence);
            self.setup.counters.preempted();
        }
    }

    /// Gives a sequence its memory, or lets it wait for another that is being fed what both begin with.
    fn place(&mut self, mut sequence: Sequence) {
        // What an adapter computes is no prefix for others. No adapter's name holds a NUL, so no two are alike.
        let adapter = self.adapters.name(sequence.adapter);
        let salt = format!("{}\0{adapter}", sequence.place.tenant.key());
        match self.memory.take(&mut self.context, &salt, &sequence.tokens) {
            Ok(Taken::Room(room)) => {
                if sequence.preemptions == 0 {
                    sequence.cached = room.reused;
                }
                sequence.awaited = None;
                sequence.fed = room.reused;
                if sequence.preemptions == 0 {
                    sequence.cached = room.reused;
                }
                self.slots[room.id] = Some(sequence);
            }
            Ok(Taken::Wait(awaited)) => {
                sequence.awaited = Some(awaited);
                self.parked.push(sequence);
            }
            Err(error) => sequence.fail(error),
        }
    }
}

fn running(slots: &[Option<Sequence>]) -> Vec<Running<'_>> {
    let mut running = Vec::new();
    for (slot, sequence) in slots.iter().enumerate() {
        if let Some(sequence) = sequence {
            running.push(Running {
                slot,
                place: &sequence.place,
                paused: sequence.want() == Want::Nothing,
                preemptions: sequence.preemptions,
                tokens: sequence.fed,
            });
        }
    }
    running
}
