//! Which models a worker had when it died, and which it may have died of.
//!
//! Seen from outside, a model has proven itself once it answered a call. One that was asked and had not answered yet
//! is suspected when the worker dies: a file can be such that llama.cpp aborts while it loads it. One death may be
//! chance; after more of them in a row calls for that model are refused for a while, so that it does not take the calls
//! of others down again and again.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Models loaded again after a death at most; those that answered last.
const RELOAD_MAX: usize = 8;
/// Models suspected at once at most. Names come with calls, so there is no end of them.
const SUSPECTS_MAX: usize = 64;
/// So many deaths in a row are no chance.
const DEATHS_MAX: u32 = 2;
const REFUSED_MIN: Duration = Duration::from_secs(5);
const REFUSED_MAX: Duration = Duration::from_secs(300);

/// What is known of the models, over all workers.
#[derive(Debug, Default)]
pub(crate) struct Blame {
    /// Models that answered in the worker that runs; the one that answered last is last.
    proven: Vec<String>,
    suspects: HashMap<String, Suspect>,
}

#[derive(Debug)]
struct Suspect {
    deaths: u32,
    refused_until: Option<Instant>,
}

impl Blame {
    /// Notes that a model works.
    pub(crate) fn answered(&mut self, model: &str) {
        if self.proven.last().is_some_and(|last| last == model) {
            return;
        }
        self.proven.retain(|proven| proven != model);
        self.proven.push(model.to_owned());
        if self.proven.len() > RELOAD_MAX {
            self.proven.remove(0);
        }
        self.suspects.remove(model);
    }

    /// Notes that the worker died while these models were asked; gives those it had, to be loaded again.
    pub(crate) fn died<'a>(&mut self, asked: impl Iterator<Item = &'a str>, now: Instant) -> Vec<String> {
        let mut blamed: Vec<&str> = asked.filter(|model| !self.is_proven(model)).collect();
        blamed.sort_unstable();
        blamed.dedup();
        for model in blamed {
            if self.suspects.len() >= SUSPECTS_MAX && !self.suspects.contains_key(model) {
                continue;
            }
            let suspect = self.suspects.entry(model.to_owned()).or_insert(Suspect {
                deaths: 0,
                refused_until: None,
            });
            suspect.deaths = suspect.deaths.saturating_add(1);
            suspect.refused_until = refusal(suspect.deaths).and_then(|wait| now.checked_add(wait));
        }
        std::mem::take(&mut self.proven)
    }

    /// Whether the supervisor may load this model by itself.
    pub(crate) fn is_trusted(&self, model: &str) -> bool {
        !self.suspects.contains_key(model)
    }

    /// Why calls of this model are refused now.
    pub(crate) fn refusal(&self, model: &str, now: Instant) -> Option<String> {
        let suspect = self.suspects.get(model)?;
        let left = suspect.refused_until?.checked_duration_since(now)?;
        Some(format!(
            "it died {} times in a row while it loaded the model {model}, which is refused for another {} s; \
             another model or another file of it may work",
            suspect.deaths,
            left.as_secs() + 1
        ))
    }

    fn is_proven(&self, model: &str) -> bool {
        self.proven.iter().any(|proven| proven == model)
    }
}

fn refusal(deaths: u32) -> Option<Duration> {
    let doublings = deaths.checked_sub(DEATHS_MAX)?.min(16);
    Some((REFUSED_MIN * 2_u32.pow(doublings)).min(REFUSED_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answered_is_loaded_again_and_never_blamed() {
        let mut blame = Blame::default();
        let now = Instant::now();
        for model in ["a", "b", "a", "a"] {
            blame.answered(model);
        }
        assert_eq!(blame.died(["a", "b"].into_iter(), now), ["b", "a"]);
        assert!(blame.is_trusted("a") && blame.is_trusted("b"));
        assert!(
            blame.died(std::iter::empty(), now).is_empty(),
            "the next worker had none"
        );
    }

    #[test]
    fn only_the_models_used_last_are_loaded_again() {
        let mut blame = Blame::default();
        for model in 0..20 {
            blame.answered(&model.to_string());
        }
        let again = blame.died(std::iter::empty(), Instant::now());
        assert_eq!((again.len(), again[0].as_str()), (RELOAD_MAX, "12"));
    }

    #[test]
    fn a_model_that_workers_die_of_is_refused_for_longer_and_longer_until_it_answers() {
        let mut blame = Blame::default();
        let now = Instant::now();
        blame.died(["bad", "bad"].into_iter(), now);
        assert!(!blame.is_trusted("bad"), "the supervisor leaves it alone");
        assert_eq!(blame.refusal("bad", now), None, "once may be chance");
        let mut last = Duration::ZERO;
        for _ in 0..12 {
            blame.died(["bad"].into_iter(), now);
            let until = blame.suspects["bad"].refused_until.expect("is refused");
            let wait = until.duration_since(now);
            assert!(wait >= last && wait <= REFUSED_MAX, "{wait:?}");
            last = wait;
            assert!(blame.refusal("bad", now).expect("is refused").contains("bad"));
        }
        assert_eq!(last, REFUSED_MAX);
        assert_eq!(
            blame.refusal("bad", now + REFUSED_MAX * 2),
            None,
            "it is tried again"
        );
        blame.answered("bad");
        assert!(blame.is_trusted("bad") && blame.refusal("bad", now).is_none());
    }

    #[test]
    fn suspects_are_bounded() {
        let mut blame = Blame::default();
        let names: Vec<String> = (0..1000).map(|at| at.to_string()).collect();
        blame.died(names.iter().map(String::as_str), Instant::now());
        assert_eq!(blame.suspects.len(), SUSPECTS_MAX);
    }
}
