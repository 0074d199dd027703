//! A plan in the making.

use crate::eligible::{Reason, View, split};
use crate::failure::Kind;
use crate::plan::{ATTEMPTS_MAX, Attempt, LEFT_OUT_MAX, LeftOut, Plan, PlanError, told};
use crate::rank;
use crate::resolve::{Candidate, resolve};
use gyre_routing_config::{Deployment, RoutingConfig};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use std::collections::BTreeSet;

/// A plan in the making.
pub(crate) struct Draft<'a> {
    view: View<'a>,
    dice: SmallRng,
    plan: Plan,
    planned: BTreeSet<String>,
}

impl<'a> Draft<'a> {
    /// An empty plan.
    pub(crate) fn new(view: View<'a>, seed: u64, group: &str) -> Self {
        Self {
            view,
            dice: SmallRng::seed_from_u64(seed),
            plan: Plan {
                group: group.to_owned(),
                attempts: Vec::new(),
                left_out: Vec::new(),
            },
            planned: BTreeSet::new(),
        }
    }

    /// Asks none of these deployments.
    pub(crate) fn skip(&mut self, asked: &[String]) {
        self.planned.extend(asked.iter().cloned());
    }

    /// Adds a group by its name.
    pub(crate) fn add_group(&mut self, name: &str) {
        // A chain may lead nowhere; the configuration's reader told so.
        if let Ok(resolved) = resolve(self.view.config, name) {
            self.add(name, resolved.candidates);
        }
    }

    /// Adds the deployments of a group, level by level of their order.
    pub(crate) fn add(&mut self, group: &str, candidates: Vec<Candidate<'a>>) {
        let (fit, out) = split(&self.view, candidates);
        for (candidate, reason) in out {
            self.leave(candidate.deployment, group, reason);
        }
        let ordered = fit.iter().any(|it| it.deployment.order.is_some());
        let mut levels: Vec<Option<u32>> = fit.iter().map(|it| it.deployment.order).collect();
        levels.sort_unstable();
        levels.dedup();
        for level in levels {
            let of_level: Vec<_> = fit
                .iter()
                .filter(|it| it.deployment.order == level)
                .cloned()
                .collect();
            if level.is_none() && ordered {
                for candidate in of_level {
                    self.leave(candidate.deployment, group, Reason::NoOrder);
                }
                continue;
            }
            self.add_level(group, &of_level);
        }
    }

    /// As many of one level as there may be attempts within a group.
    fn add_level(&mut self, group: &str, candidates: &[Candidate<'a>]) {
        let retries = usize::try_from(self.view.config.retries.count).unwrap_or(usize::MAX);
        let mut room = retries.saturating_add(1);
        for at in rank::ranked(&self.view, candidates, &mut self.dice) {
            let candidate = &candidates[at];
            if self.planned.contains(&candidate.deployment.id) {
                self.leave(candidate.deployment, group, Reason::Planned);
            } else if room == 0 || self.plan.attempts.len() >= ATTEMPTS_MAX {
                self.leave(candidate.deployment, group, Reason::Ranked);
            } else {
                room -= 1;
                self.planned.insert(candidate.deployment.id.clone());
                self.plan.attempts.push(self.attempt(group, candidate));
            }
        }
    }

    fn attempt(&self, group: &str, candidate: &Candidate<'_>) -> Attempt {
        Attempt {
            deployment: candidate.deployment.id.clone(),
            backend: candidate.deployment.backend.clone(),
            upstream_model: candidate.upstream_model.clone(),
            group: group.to_owned(),
            timeout_ms: timeout_ms(self.view.config, candidate.deployment, self.view.task.stream),
        }
    }

    fn leave(&mut self, deployment: &Deployment, group: &str, reason: Reason) {
        if self.plan.left_out.len() < LEFT_OUT_MAX {
            self.plan.left_out.push(LeftOut {
                deployment: deployment.id.clone(),
                group: group.to_owned(),
                reason,
            });
        }
    }

    /// What it would be called that nobody of the group may be asked. Limits come before windows, as in `LiteLLM`.
    pub(crate) fn unfit_kind(&self) -> Option<Kind> {
        if !self.plan.attempts.is_empty() {
            return None;
        }
        let any = |wanted: &Reason| self.plan.left_out.iter().any(|it| it.reason == *wanted);
        if !any(&Reason::Rpm) && any(&Reason::ContextWindow) {
            return Some(Kind::ContextWindow);
        }
        Some(Kind::RateLimit)
    }

    /// The plan, or why there is none.
    pub(crate) fn done(self, kind: Option<Kind>) -> Result<Plan, PlanError> {
        if !self.plan.attempts.is_empty() {
            return Ok(self.plan);
        }
        let out = &self.plan.left_out;
        let back = out.iter().filter_map(|it| it.reason.until_ms()).min();
        let kind = kind.unwrap_or(Kind::RateLimit);
        let hint = match kind {
            Kind::ContextWindow => "shorten the prompt, or add a fallback with a longer context window",
            _ => "try again later, or add a deployment or a fallback to the model",
        };
        Err(PlanError::Unavailable {
            why: told(out),
            hint,
            kind,
            retry_after_ms: back.map(|at| at.saturating_sub(self.view.now_ms)),
            group: self.plan.group,
        })
    }
}

fn timeout_ms(config: &RoutingConfig, deployment: &Deployment, stream: bool) -> Option<u64> {
    let (own, usual) = (deployment.timeouts, config.timeouts);
    let whole = own.whole_ms.or(usual.whole_ms);
    if stream {
        return own.stream_ms.or(usual.stream_ms).or(whole);
    }
    whole
}
