//! Which adapter the next step computes with: llama.cpp applies one to a whole batch. Pure.
//!
//! Sequences of one adapter are a group, and groups take turns. First an urgency is chosen as among prompts: the most
//! urgent goes, but who was passed over often enough has one turn. Of that urgency it is the turn of whoever had none
//! for longest: among tenants of the host, then among the tenants within it, then among their adapters. So neither many
//! sequences nor many adapters give anybody more turns. Who is new comes after all that wait already: nobody starves.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use super::fair::Classes;
use super::place::Place;

/// A sequence that wants to go on. No adapter is as good as any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) adapter: Option<usize>,
    pub(crate) place: &'a Place,
}

/// Who had its turn when.
#[derive(Default)]
pub(crate) struct Groups {
    classes: Classes,
    /// Tenants of the host, and those within them, by urgency.
    hosts: [Turns<String>; 3],
    tenants: [Turns<String>; 3],
    adapters: Turns<Option<usize>>,
    now: u64,
}

impl Groups {
    /// The adapter whose turn it is; `None` where nobody wants anything.
    pub(crate) fn pick(&mut self, members: &[Member<'_>]) -> Option<Option<usize>> {
        let first = members.first()?;
        // A turn and whoever is noted at its beginning have numbers of their own.
        self.now += 2;
        if members.iter().all(|it| it.adapter == first.adapter) {
            self.only(first.adapter);
            return Some(first.adapter);
        }
        let picked = self.choose(members)?;
        self.note(members);
        let urgency = picked.place.priority as usize;
        self.hosts[urgency].serve(picked.place.tenant.host(), self.now);
        self.tenants[urgency].serve(picked.place.tenant.key(), self.now);
        self.adapters.serve(&picked.adapter, self.now);
        Some(picked.adapter)
    }

    /// Nobody is passed over, and nothing is worth remembering but who went.
    fn only(&mut self, adapter: Option<usize>) {
        *self = Self {
            now: self.now,
            ..Self::default()
        };
        self.adapters.note(&adapter, self.now);
        self.adapters.serve(&adapter, self.now);
    }

    fn choose<'m, 'a>(&mut self, members: &'m [Member<'a>]) -> Option<&'m Member<'a>> {
        let wants = |urgency| members.iter().any(|it| it.place.priority == urgency);
        let urgency = self.classes.pick(wants)?;
        let (hosts, tenants) = (&self.hosts[urgency as usize], &self.tenants[urgency as usize]);
        let urgent = members.iter().filter(|it| it.place.priority == urgency);
        urgent.min_by_key(|it| {
            let tenant = &it.place.tenant;
            let whose = (hosts.last(tenant.host()), tenants.last(tenant.key()));
            (whose, self.adapters.last(&it.adapter), it.adapter)
        })
    }

    /// Remembers who waits, and nobody else.
    fn note(&mut self, members: &[Member<'_>]) {
        for it in members {
            let urgency = it.place.priority as usize;
            self.hosts[urgency].note(it.place.tenant.host(), self.now);
            self.tenants[urgency].note(it.place.tenant.key(), self.now);
            self.adapters.note(&it.adapter, self.now);
        }
        for turns in self.hosts.iter_mut().chain(&mut self.tenants) {
            turns.forget(self.now);
        }
        self.adapters.forget(self.now);
    }
}

/// The last turns of some, by name.
struct Turns<K>(HashMap<K, Turn>);

struct Turn {
    last: u64,
    noted: u64,
}

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> Turns<K> {
    /// When this one had its turn. Who is new comes after everybody who is known.
    fn last<Q: Eq + Hash + ?Sized>(&self, name: &Q) -> u64
    where
        K: Borrow<Q>,
    {
        self.0.get(name).map_or(u64::MAX, |turn| turn.last)
    }

    fn note<Q: Eq + Hash + ToOwned<Owned = K> + ?Sized>(&mut self, name: &Q, now: u64)
    where
        K: Borrow<Q>,
    {
        if let Some(turn) = self.0.get_mut(name) {
            turn.noted = now;
            return;
        }
        let turn = Turn {
            last: now - 1,
            noted: now,
        };
        self.0.insert(name.to_owned(), turn);
    }

    fn serve<Q: Eq + Hash + ?Sized>(&mut self, name: &Q, now: u64)
    where
        K: Borrow<Q>,
    {
        if let Some(turn) = self.0.get_mut(name) {
            turn.last = now;
        }
    }

    /// Forgets who was not noted now.
    fn forget(&mut self, now: u64) {
        self.0.retain(|_, turn| turn.noted == now);
    }
}

#[cfg(test)]
mod tests;
