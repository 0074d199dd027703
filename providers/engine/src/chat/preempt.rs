//! Who must make room for whom. Pure.

use std::collections::HashMap;

use super::place::{Place, Tenant};

/// Times that a sequence makes room at most; then it runs to its end.
pub(crate) const PREEMPTIONS_MAX: u32 = 3;
/// Steps that a tenant that holds nothing waits, until one that holds much makes room.
pub(crate) const PATIENCE_STEPS: u64 = 16;

/// A sequence that holds memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Running<'a> {
    pub(crate) slot: usize,
    pub(crate) place: &'a Place,
    /// Its reader is behind: it loses least.
    pub(crate) paused: bool,
    pub(crate) preemptions: u32,
    /// What must be computed again.
    pub(crate) tokens: usize,
}

/// How many sequences each host tenant and each tenant holds.
#[derive(Default)]
pub(crate) struct Held(HashMap<String, usize>);

impl Held {
    pub(crate) fn of<'a>(tenants: impl Iterator<Item = &'a Tenant>) -> Self {
        let mut held = HashMap::new();
        for tenant in tenants {
            *held.entry(tenant.host().to_owned()).or_default() += 1;
            *held.entry(tenant.key().to_owned()).or_default() += 1;
        }
        Self(held)
    }

    /// Of a host tenant by its name, of a tenant by its key; no key is a name.
    pub(crate) fn by(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Whether this tenant, or its host tenant, holds nothing.
    pub(crate) fn lacks(&self, tenant: &Tenant) -> bool {
        self.by(tenant.key()) == 0
    }
}

/// The slot that makes room for a job at `place`, if one does. `impatient` says that its tenant waited long enough.
pub(crate) fn victim(place: &Place, impatient: bool, running: &[Running<'_>], held: &Held) -> Option<usize> {
    let makes_room = |it: &&Running<'_>| {
        let less_urgent = it.place.priority < place.priority;
        let holds_much = impatient
            && it.place.priority <= place.priority
            && rivals(&place.tenant, &it.place.tenant, held, running.len());
        it.preemptions < PREEMPTIONS_MAX && (less_urgent || holds_much)
    };
    let rank = |it: &&Running<'_>| {
        let tenant = &it.place.tenant;
        let holds = held.by(tenant.host()) + held.by(tenant.key());
        (
            it.place.priority,
            !it.paused,
            std::cmp::Reverse(holds),
            it.tokens,
            it.slot,
        )
    };
    running
        .iter()
        .filter(makes_room)
        .min_by_key(rank)
        .map(|it| it.slot)
}

/// Whether `holder` holds much where `waiter` holds nothing: all there is, or more than one. Between host tenants, and
/// within one between its own.
fn rivals(waiter: &Tenant, holder: &Tenant, held: &Held, all: usize) -> bool {
    let (waits, holds) = match waiter.host() == holder.host() {
        false => (held.by(waiter.host()), held.by(holder.host())),
        true => (held.by(waiter.key()), held.by(holder.key())),
    };
    waits == 0 && (holds == all || holds > 1)
}

/// Since when tenants wait that hold nothing.
#[derive(Default)]
pub(crate) struct Patience {
    since: HashMap<Tenant, u64>,
}

impl Patience {
    /// Notes who waits for a sequence now and holds none, at this step.
    pub(crate) fn note(&mut self, waiting: &[&Tenant], step: u64) {
        self.since.retain(|tenant, _| waiting.contains(&tenant));
        for tenant in waiting {
            self.since.entry((*tenant).clone()).or_insert(step);
        }
    }

    /// Whether this tenant waited long enough.
    pub(crate) fn is_over(&self, tenant: &Tenant, step: u64) -> bool {
        let since = self.since.get(tenant);
        since.is_some_and(|since| step.saturating_sub(*since) >= PATIENCE_STEPS)
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Priority::{self, High, Low, Normal};
    use super::*;

    fn place(tenant: &str, priority: Priority) -> Place {
        let (host, own) = tenant.split_once('/').unwrap_or((tenant, ""));
        let tenant = Tenant::new(host, Some(own));
        Place { priority, tenant }
    }

    /// Who holds a slot: tenant, urgency, paused, preemptions.
    type Holder = (&'static str, Priority, bool, u32);

    fn check(waits: (&str, Priority, bool), holders: &[Holder], expected: Option<usize>) {
        let places: Vec<_> = holders.iter().map(|it| place(it.0, it.1)).collect();
        let running: Vec<_> = holders
            .iter()
            .zip(&places)
            .enumerate()
            .map(|(slot, (holder, place))| Running {
                slot,
                place,
                paused: holder.2,
                preemptions: holder.3,
                tokens: 100 - slot,
            })
            .collect();
        let held = Held::of(places.iter().map(|place| &place.tenant));
        let found = victim(&place(waits.0, waits.1), waits.2, &running, &held);
        assert_eq!(found, expected, "{waits:?} {holders:?}");
    }

    #[test]
    fn the_less_urgent_makes_room_at_once() {
        let (a, b) = (("a", Normal, false, 0), ("b", Low, false, 0));
        check(("c", High, false), &[a, b], Some(1));
        check(("a", High, false), &[a, a], Some(1));
        check(("c", Normal, false), &[a, a], None);
        check(("c", Low, true), &[a, a], None);
        check(
            ("c", High, false),
            &[("a", High, false, 0), ("b", High, false, 0)],
            None,
        );
    }

    #[test]
    fn who_holds_all_or_much_makes_room_for_the_impatient() {
        let a = ("a", Normal, false, 0);
        check(("b", Normal, true), &[a, a], Some(1));
        check(("b", Normal, true), &[a], Some(0));
        check(("a", Normal, true), &[a, a], None);
        check(("b", Normal, true), &[a, ("c", Normal, false, 0)], None);
        check(("b", Normal, true), &[("c", Normal, false, 0), a, a], Some(2));
        check(("b", Normal, true), &[a, ("a", Normal, true, 0), a], Some(1));
        check(("b", Normal, true), &[a, ("b", Normal, false, 0), a], None);
    }

    #[test]
    fn tenants_made_up_within_a_host_tenant_take_from_it_alone() {
        let (a, b) = (("a/1", Normal, false, 0), ("b", Normal, false, 0));
        check(("a/2", Normal, true), &[b, b, a], None);
        check(("a/2", Normal, true), &[b, b, a, a], Some(3));
        check(("c", Normal, true), &[a, ("a/2", Normal, false, 0), b], Some(1));
    }

    #[test]
    fn nobody_makes_room_without_end() {
        let often = ("a", Low, false, PREEMPTIONS_MAX);
        check(("b", High, true), &[often, often], None);
        check(("b", High, true), &[often, ("a", Low, false, 2)], Some(1));
    }

    #[test]
    fn patience_ends_after_its_steps_and_begins_anew() {
        let (one, two) = (Tenant::new("a", None), Tenant::new("b", None));
        let mut patience = Patience::default();
        patience.note(&[&one], 5);
        patience.note(&[&one, &two], 10);
        assert!(!patience.is_over(&one, 5 + PATIENCE_STEPS - 1));
        assert!(patience.is_over(&one, 5 + PATIENCE_STEPS));
        assert!(!patience.is_over(&two, 5 + PATIENCE_STEPS));
        patience.note(&[&two], 11);
        patience.note(&[&one, &two], 12);
        assert!(!patience.is_over(&one, 11 + PATIENCE_STEPS));
    }
}
