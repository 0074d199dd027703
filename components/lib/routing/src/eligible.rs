//! Which deployments of a group may answer a request now, and why the others may not.

use crate::health::{Breaker, Health};
use crate::resolve::Candidate;
use crate::state::State;
use crate::task::Task;
use gyre_routing_config::{Deployment, RoutingConfig, Strategy, TagFilter};

/// Why a deployment is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It failed too often.
    Cooldown {
        /// Until then.
        until_ms: u64,
    },
    /// It came back and is tried by another request just now.
    OnTrial,
    /// Its upstream said that it has had enough.
    UpstreamLimit {
        /// Until then.
        until_ms: u64,
    },
    /// Its requests of this minute are used up.
    Rpm,
    /// Its tokens of this minute are used up.
    Tpm,
    /// It has as many requests at once as it may.
    Busy,
    /// The prompt does not fit.
    ContextWindow,
    /// It calls no tools.
    Tools,
    /// It answers in no JSON of a schema.
    Json,
    /// It looks at no pictures.
    Vision,
    /// Its tags are others.
    Tags,
    /// It is meant for other tasks.
    Task,
    /// Others of its group have an order, and it has none.
    NoOrder,
    /// It is in the plan already.
    Planned,
    /// Enough others are better.
    Ranked,
}

impl Reason {
    /// Its name in headers and spans.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cooldown { .. } => "cooldown",
            Self::OnTrial => "on-trial",
            Self::UpstreamLimit { .. } => "upstream-limit",
            Self::Rpm => "rpm",
            Self::Tpm => "tpm",
            Self::Busy => "busy",
            Self::ContextWindow => "context-window",
            Self::Tools => "tools",
            Self::Json => "json",
            Self::Vision => "vision",
            Self::Tags => "tags",
            Self::Task => "task",
            Self::NoOrder => "no-order",
            Self::Planned => "planned",
            Self::Ranked => "ranked",
        }
    }

    /// When it will be over, where that is known.
    #[must_use]
    pub fn until_ms(&self) -> Option<u64> {
        match self {
            Self::Cooldown { until_ms } | Self::UpstreamLimit { until_ms } => Some(*until_ms),
            _ => None,
        }
    }
}

/// What a choice looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) config: &'a RoutingConfig,
    pub(crate) state: &'a State,
    pub(crate) task: &'a Task,
    pub(crate) now_ms: u64,
}

/// Candidates in two: those that may answer, and the others.
pub(crate) type Split<'a> = (Vec<Candidate<'a>>, Vec<(Candidate<'a>, Reason)>);

/// Splits the candidates of a group.
pub(crate) fn split<'a>(view: &View<'a>, candidates: Vec<Candidate<'a>>) -> Split<'a> {
    let tags_known = tags_known(view, &candidates);
    let (mut left, mut out) = part(candidates, |it| held_up(view, it.deployment));
    if view.config.pre_call_checks {
        let (fit, unfit) = part(left, |it| unable(view, it.deployment));
        left = fit;
        out.extend(unfit);
    }
    let (fit, unfit) = by_tags(view, left, tags_known);
    out.extend(unfit);
    let (fit, unfit) = by_task(view, fit);
    out.extend(unfit);
    let (fit, unfit) = part(fit, |it| limited(view, it.deployment));
    out.extend(unfit);
    (fit, out)
}

fn part<'a>(candidates: Vec<Candidate<'a>>, why: impl Fn(&Candidate<'a>) -> Option<Reason>) -> Split<'a> {
    let mut fit = Vec::with_capacity(candidates.len());
    let mut out = Vec::new();
    for candidate in candidates {
        match why(&candidate) {
            None => fit.push(candidate),
            Some(reason) => out.push((candidate, reason)),
        }
    }
    (fit, out)
}

/// Cooldown, trial, and the upstream's own limits.
fn held_up(view: &View<'_>, deployment: &Deployment) -> Option<Reason> {
    let health = view.state.health.get(&deployment.id)?;
    match health.breaker(view.now_ms, view.config.cooldown.half_open) {
        Breaker::Open { until_ms } => return Some(Reason::Cooldown { until_ms }),
        Breaker::HalfOpen { free: false } => return Some(Reason::OnTrial),
        Breaker::HalfOpen { free: true } | Breaker::Closed => {}
    }
    if deployment
        .concurrent_max
        .is_some_and(|max| health.in_flight(view.now_ms) >= max)
    {
        return Some(Reason::Busy);
    }
    let until_ms = health.upstream.refuses(view.task.input_tokens, view.now_ms)?;
    Some(Reason::UpstreamLimit { until_ms })
}

/// What it cannot do, as far as anybody said; and the requests of its minute.
fn unable(view: &View<'_>, deployment: &Deployment) -> Option<Reason> {
    let abilities = &deployment.abilities;
    let needs = view.task.needs;
    if abilities
        .input_tokens_max
        .is_some_and(|max| view.task.input_tokens > max)
    {
        return Some(Reason::ContextWindow);
    }
    let requests = health(view, deployment).map_or(0, |it| it.minute.requests(view.now_ms));
    if deployment.rpm.is_some_and(|rpm| rpm <= requests) && view.config.strategy != Strategy::LeastUsed {
        return Some(Reason::Rpm);
    }
    let lacks = |needed: bool, can: Option<bool>| needed && can == Some(false);
    match () {
        () if lacks(needs.tools, abilities.tools) => Some(Reason::Tools),
        () if lacks(needs.json, abilities.json) => Some(Reason::Json),
        () if lacks(needs.vision, abilities.vision) => Some(Reason::Vision),
        () => None,
    }
}

/// Limits of the minute, for the strategies that keep them. A shuffle takes limits for weights only, as `LiteLLM`'s.
fn limited(view: &View<'_>, deployment: &Deployment) -> Option<Reason> {
    if view.config.strategy == Strategy::Shuffle || view.config.strategy == Strategy::LeastBusy {
        return None;
    }
    let minute = health(view, deployment).map(|it| it.minute).unwrap_or_default();
    let (requests, tokens) = (minute.requests(view.now_ms), minute.tokens(view.now_ms));
    if deployment
        .tpm
        .is_some_and(|tpm| tokens + view.task.input_tokens > tpm)
    {
        return Some(Reason::Tpm);
    }
    // LiteLLM's usage-based routing stops one request short of the limit, but never before the first.
    let full = |rpm: u64| match view.config.strategy {
        Strategy::LeastUsed => requests > 0 && requests + 1 >= rpm,
        _ => requests + 1 > rpm,
    };
    deployment.rpm.is_some_and(full).then_some(Reason::Rpm)
}

fn health<'a>(view: &View<'a>, deployment: &Deployment) -> Option<&'a Health> {
    view.state.health.get(&deployment.id)
}

fn tags_known(view: &View<'_>, candidates: &[Candidate<'_>]) -> bool {
    let asked = &view.task.tags;
    let mut all = candidates.iter().flat_map(|it| &it.deployment.tags);
    all.any(|tag| asked.contains(tag))
}

/// `LiteLLM`'s tags: what the request has decides; without any, or with none that the group knows, those tagged
/// `default`.
fn by_tags<'a>(view: &View<'a>, candidates: Vec<Candidate<'a>>, known: bool) -> Split<'a> {
    let asked = &view.task.tags;
    let matches = |deployment: &Deployment| {
        let common = asked.iter().filter(|tag| deployment.tags.contains(tag)).count();
        match view.config.tag_filter {
            TagFilter::Off => true,
            TagFilter::Any => common > 0,
            TagFilter::All => common == asked.len(),
        }
    };
    if view.config.tag_filter == TagFilter::Off {
        return (candidates, Vec::new());
    }
    let is_default = |deployment: &Deployment| deployment.tags.iter().any(|tag| tag == "default");
    let some_match = !asked.is_empty() && candidates.iter().any(|it| matches(it.deployment));
    let some_default = candidates.iter().any(|it| is_default(it.deployment));
    part(candidates, |it| {
        let fits = match () {
            () if some_match => matches(it.deployment),
            () if !asked.is_empty() && known => false,
            () if some_default => is_default(it.deployment),
            () => asked.is_empty(),
        };
        (!fits).then_some(Reason::Tags)
    })
}

/// Those that are meant for the task; where none is, all: a preference is no limit.
fn by_task<'a>(view: &View<'a>, candidates: Vec<Candidate<'a>>) -> Split<'a> {
    let meant = |it: &Candidate<'_>| it.deployment.tasks.contains(&view.task.class);
    let open = |it: &Candidate<'_>| it.deployment.tasks.is_empty();
    if candidates.iter().any(meant) {
        return part(candidates, |it| (!meant(it)).then_some(Reason::Task));
    }
    if candidates.iter().any(open) {
        return part(candidates, |it| (!open(it)).then_some(Reason::Task));
    }
    (candidates, Vec::new())
}
