//! Whose turn it is: deficit round robin on tokens, among tenants of the host and within each of them. Pure.
//!
//! A tenant owes what was computed for it. It has its turn while it owes less than a quantum; when nobody who could go
//! does, a round begins, in which everybody is forgiven one quantum. Rounds are counted, not played one by one. A
//! tenant that owes nothing is not remembered, so nobody saves turns up.

use std::collections::HashMap;

use super::place::{Priority, Tenant};

/// Tokens that a tenant is forgiven in a round.
pub(crate) const QUANTUM_TOKENS: u64 = 512;
/// Rounds that somebody's past weighs at most: who was long alone does not wait long for who comes.
const ROUNDS_OWED_MAX: u64 = 16;
/// Tenants of one host tenant that are remembered; who owes least is forgotten first.
const TENANTS_MAX: usize = 1024;
/// Turns of the more urgent until one of the less urgent has its own.
const PASSED_MAX: u32 = 8;

/// Somebody who could go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) tenant: &'a Tenant,
    /// When it came: of those whose turn it is, the first goes first.
    pub(crate) arrived: u64,
}

/// What tenants owe.
#[derive(Default)]
pub(crate) struct Fair {
    hosts: HashMap<String, Account>,
}

#[derive(Default)]
struct Account {
    owed: u64,
    /// By key.
    tenants: HashMap<String, u64>,
}

impl Fair {
    /// Charges what was computed.
    pub(crate) fn charge(&mut self, tenant: &Tenant, tokens: u64) {
        let account = self.hosts.entry(tenant.host().to_owned()).or_default();
        add(&mut account.owed, tokens);
        let full = account.tenants.len() >= TENANTS_MAX && !account.tenants.contains_key(tenant.key());
        if full {
            let least = account.tenants.iter().min_by_key(|(_, owed)| **owed);
            if let Some(key) = least.map(|(key, _)| key.clone()) {
                account.tenants.remove(&key);
            }
        }
        add(
            account.tenants.entry(tenant.key().to_owned()).or_default(),
            tokens,
        );
    }

    /// Whose turn it is. `running` tells how many sequences a host tenant and a tenant hold by key: of those whose turn
    /// it is, who holds fewest goes first, since what they hold is yet to be charged.
    pub(crate) fn pick(
        &mut self,
        candidates: &[Candidate<'_>],
        running: impl Fn(&str) -> usize,
    ) -> Option<usize> {
        let host = self.host(candidates, &running)?.to_owned();
        let account = self.hosts.get_mut(&host);
        let within = || {
            let all = candidates.iter().enumerate();
            all.filter(|(_, candidate)| candidate.tenant.host() == host)
        };
        let Some(account) = account else {
            return within()
                .min_by_key(|(_, it)| (running(it.tenant.key()), it.arrived))
                .map(|(at, _)| at);
        };
        let owes = |account: &Account, tenant: &Tenant| *account.tenants.get(tenant.key()).unwrap_or(&0);
        let rounds = within()
            .map(|(_, it)| owes(account, it.tenant) / QUANTUM_TOKENS)
            .min()?;
        account.tenants.retain(|_, owed| forgive(owed, rounds));
        let picked = within()
            .filter(|(_, it)| owes(account, it.tenant) < QUANTUM_TOKENS)
            .min_by_key(|(_, it)| (running(it.tenant.key()), it.arrived))
            .map(|(at, _)| at);
        if account.owed == 0 && account.tenants.is_empty() {
            self.hosts.remove(&host);
        }
        picked
    }

    /// The host tenant whose turn it is.
    fn host<'a>(
        &mut self,
        candidates: &[Candidate<'a>],
        running: &impl Fn(&str) -> usize,
    ) -> Option<&'a str> {
        let owes = |hosts: &HashMap<String, Account>, host: &str| hosts.get(host).map_or(0, |it| it.owed);
        let rounds = candidates
            .iter()
            .map(|it| owes(&self.hosts, it.tenant.host()) / QUANTUM_TOKENS)
            .min()?;
        self.hosts
            .retain(|_, account| forgive(&mut account.owed, rounds) || !account.tenants.is_empty());
        let turns = candidates
            .iter()
            .filter(|it| owes(&self.hosts, it.tenant.host()) < QUANTUM_TOKENS);
        turns
            .min_by_key(|it| (running(it.tenant.host()), it.arrived))
            .map(|it| it.tenant.host())
    }

    /// What its host tenant owes, and the tenant itself.
    #[cfg(test)]
    pub(crate) fn owed(&self, tenant: &Tenant) -> (u64, u64) {
        let account = self.hosts.get(tenant.host());
        let own = account.and_then(|account| account.tenants.get(tenant.key()));
        (
            account.map_or(0, |account| account.owed),
            own.copied().unwrap_or(0),
        )
    }
}

fn add(owed: &mut u64, tokens: u64) {
    *owed = owed.saturating_add(tokens).min(ROUNDS_OWED_MAX * QUANTUM_TOKENS);
}

/// Whether something is left.
fn forgive(owed: &mut u64, rounds: u64) -> bool {
    *owed = owed.saturating_sub(rounds.saturating_mul(QUANTUM_TOKENS));
    *owed > 0
}

/// Which urgency goes: the most urgent, but who was passed over often enough has one turn.
#[derive(Default)]
pub(crate) struct Classes {
    passed: [u32; 3],
}

impl Classes {
    /// Picks among those for whom `waits` holds.
    pub(crate) fn pick(&mut self, waits: impl Fn(Priority) -> bool) -> Option<Priority> {
        let waiting = || Priority::ALL.into_iter().filter(|it| waits(*it));
        let due = waiting().find(|it| self.passed[*it as usize] >= PASSED_MAX);
        let picked = due.or_else(|| waiting().next())?;
        for other in Priority::ALL {
            self.passed[other as usize] = match waits(other) && other != picked {
                true => self.passed[other as usize].saturating_add(1),
                false => 0,
            };
        }
        Some(picked)
    }
}

#[cfg(test)]
#[path = "fair_tests.rs"]
mod tests;
