//! Strategies: the order in which deployments that may answer are asked.

use crate::eligible::View;
use crate::features::features;
use crate::linucb::Arm;
use crate::outcomes::Record;
use crate::pareto::{self, Point};
use crate::resolve::Candidate;
use crate::reward::cost_micros;
use gyre_routing_config::{Deployment, Strategy};
use rand::rngs::SmallRng;
use rand::{Rng, RngExt};
use rand_distr::{Beta, Distribution};

/// What a token is thought to cost where nobody said: `LiteLLM`'s 5 for either kind, per token.
const PRICE_UNKNOWN: f64 = 10_000_000.0;

/// The order of the candidates, best first, by index.
pub(crate) fn ranked(view: &View<'_>, candidates: &[Candidate<'_>], dice: &mut SmallRng) -> Vec<usize> {
    let all = 0..candidates.len();
    let by = |score: &dyn Fn(&Deployment) -> f64| ordered(candidates, score);
    match view.config.strategy {
        Strategy::Explicit => all.collect(),
        Strategy::LocalFirst => by(&|it| if is_local(view, it) { 0.0 } else { 1.0 }),
        Strategy::Cost => by(&|it| price(view, it)),
        Strategy::Quality => by(&|it| -quality(view, it)),
        Strategy::LeastBusy => by(&|it| in_flight(view, it)),
        Strategy::Latency { buffer } => by_latency(view, candidates, buffer, dice),
        Strategy::LeastUsed => {
            let mut order = shuffled(&vec![1.0; candidates.len()], dice);
            order.sort_by_key(|at| tokens(view, candidates[*at].deployment));
            order
        }
        Strategy::Shuffle => shuffled(&shuffle_weights(candidates), dice),
        Strategy::Balanced(weights) => {
            let points: Vec<Point> = candidates.iter().map(|it| point(view, it.deployment)).collect();
            pareto::ranked(&points, &weights)
        }
        Strategy::EpsilonGreedy { epsilon } => {
            if dice.random::<f64>() < epsilon {
                return shuffled(&vec![1.0; candidates.len()], dice);
            }
            by(&|it| -quality(view, it))
        }
        Strategy::Thompson => {
            let samples: Vec<f64> = candidates
                .iter()
                .map(|it| sample(view, it.deployment, dice))
                .collect();
            sorted(samples.iter().map(|it| -it).collect())
        }
        Strategy::LinUcb { alpha } => {
            let x = features(view.task);
            let fresh = Arm::default();
            by(&|it| -arm(view, it).unwrap_or(&fresh).score(&x, alpha))
        }
    }
}

/// Least first; among equals the file's order.
fn ordered(candidates: &[Candidate<'_>], score: &dyn Fn(&Deployment) -> f64) -> Vec<usize> {
    sorted(candidates.iter().map(|it| score(it.deployment)).collect())
}

fn sorted(scores: Vec<f64>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|left, right| scores[*left].total_cmp(&scores[*right]));
    order
}

/// The weights of a shuffle: `weight`, or where none has any, `rpm`, then `tpm`, then all alike.
#[must_use]
pub fn shuffle_weights(candidates: &[Candidate<'_>]) -> Vec<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a limit per minute, which a double holds"
    )]
    let number = |limit: Option<u64>| limit.unwrap_or_default() as f64;
    let metrics: [&dyn Fn(&Deployment) -> f64; 3] =
        [&|it| it.weight.unwrap_or_default(), &|it| number(it.rpm), &|it| {
            number(it.tpm)
        }];
    for metric in metrics {
        let weights: Vec<f64> = candidates.iter().map(|it| metric(it.deployment)).collect();
        if weights.iter().any(|weight| *weight > 0.0) {
            return weights;
        }
    }
    vec![1.0; candidates.len()]
}

/// An order by chance: the first as its weight says, then the next among the others. Weights of 0 come last.
fn shuffled(weights: &[f64], dice: &mut impl Rng) -> Vec<usize> {
    let mut left: Vec<usize> = (0..weights.len()).collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let total: f64 = left.iter().map(|at| weights[*at]).sum();
        let mut point = dice.random::<f64>() * total;
        let drawn = left.iter().position(|at| {
            point -= weights[*at];
            point < 0.0 && weights[*at] > 0.0
        });
        order.push(left.remove(drawn.unwrap_or_default()));
    }
    order
}

/// Those within the buffer of the least latency in any order, then the others by theirs.
fn by_latency(view: &View<'_>, candidates: &[Candidate<'_>], buffer: f64, dice: &mut SmallRng) -> Vec<usize> {
    let of = |at: &usize| {
        let record = record(view, candidates[*at].deployment);
        record.map_or(0.0, |it| it.recent(view.task.stream))
    };
    let mut order = shuffled(&vec![1.0; candidates.len()], dice);
    let least = order.iter().map(&of).fold(f64::INFINITY, f64::min);
    let limit = buffer.mul_add(least, least);
    order.sort_by(|left, right| {
        let late = |at: &usize| {
            Some(of(at))
                .filter(|latency| *latency > limit)
                .unwrap_or_default()
        };
        late(left).total_cmp(&late(right))
    });
    order
}

fn record<'a>(view: &View<'a>, deployment: &Deployment) -> Option<&'a Record> {
    view.state
        .statistics
        .get(&deployment.id)?
        .outcomes
        .of(&view.task.class)
}

fn arm<'a>(view: &View<'a>, deployment: &Deployment) -> Option<&'a Arm> {
    view.state.statistics.get(&deployment.id)?.arm.as_ref()
}

fn quality(view: &View<'_>, deployment: &Deployment) -> f64 {
    let empty = Record::default();
    record(view, deployment)
        .unwrap_or(&empty)
        .quality(deployment.quality)
}

/// A draw of how good the deployment may be, given what became of its requests.
fn sample(view: &View<'_>, deployment: &Deployment, dice: &mut SmallRng) -> f64 {
    let empty = Record::default();
    let record = record(view, deployment).unwrap_or(&empty);
    let said = deployment.quality.unwrap_or(0.5).clamp(0.0, 1.0);
    let (good, bad) = (record.good + 2.0 * said, record.bad + 2.0 * (1.0 - said));
    let least = 1e-3;
    Beta::new(good.max(least), bad.max(least)).map_or(said, |beta| beta.sample(dice))
}

fn is_local(view: &View<'_>, deployment: &Deployment) -> bool {
    view.config
        .backends
        .get(&deployment.backend)
        .is_some_and(|it| it.local)
}

/// What a token of the prompt and one of the answer cost together, as `LiteLLM` compares; what runs here costs nothing.
fn price(view: &View<'_>, deployment: &Deployment) -> f64 {
    match deployment.price {
        Some(price) => price.input_per_million + price.output_per_million,
        None if is_local(view, deployment) => 0.0,
        None => PRICE_UNKNOWN,
    }
}

fn point(view: &View<'_>, deployment: &Deployment) -> Point {
    let task = view.task;
    let cost = deployment
        .price
        .map(|it| cost_micros(&it, task.input_tokens, task.output_tokens));
    let latency = record(view, deployment).and_then(|it| it.latencies.quantile_ms(0.5));
    Point {
        cost: cost.unwrap_or_default(),
        latency: latency.unwrap_or_default(),
        lack: 1.0 - quality(view, deployment),
    }
}

fn in_flight(view: &View<'_>, deployment: &Deployment) -> f64 {
    let health = view.state.health.get(&deployment.id);
    health.map_or(0.0, |it| f64::from(it.in_flight(view.now_ms)))
}

fn tokens(view: &View<'_>, deployment: &Deployment) -> u64 {
    let health = view.state.health.get(&deployment.id);
    health.map_or(0, |it| it.minute.tokens(view.now_ms))
}
