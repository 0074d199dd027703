//! A worker at 70 % of what it can do, for a while: every answer right, and its memory flat.

use super::ask::{Answer, Ask, Door};
use super::oracle::Oracle;
use super::quantile::quantile;
use super::volley::volley;
use super::way::{Room, Way};
use super::{Bench, chart};
use crate::memory::resident_kib;
use crate::report::{Place, median};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const LOAD: f64 = 0.7;
const SEQUENCES: u32 = 8;
const QUESTION_TOKENS: u32 = 32;
const ANSWER_TOKENS: u32 = 32;
const PREFIX_TOKENS: u32 = 128;
const SPARE_TOKENS: u32 = 64;
const PREFIX_SEED: u64 = 3_000_000;
/// Questions, in turn; the answers to all are known before the load begins.
const QUESTIONS: usize = 64;
/// Volleys that tell what it can do.
const VOLLEYS: usize = 3;
const MEMORY_EVERY: Duration = Duration::from_secs(1);
/// What is measured before this share of the time is warming up.
const WARM_SHARE: f64 = 0.25;
/// Growth that is no growth: pages that were not touched before.
const GROWTH_SHARE_MAX: f64 = 0.02;
const GROWTH_KIB_MAX: f64 = 4096.0;

/// What the load showed.
#[derive(Debug, Serialize)]
pub(crate) struct Soak {
    pub(crate) capacity_per_second: f64,
    pub(crate) offered_per_second: f64,
    pub(crate) seconds: f64,
    pub(crate) answers: usize,
    pub(crate) failures: usize,
    pub(crate) first_p50_ms: f64,
    pub(crate) first_p99_ms: f64,
    /// Seconds since the load began, and KiB of the worker.
    pub(crate) resident: Vec<(f64, u64)>,
    pub(crate) restarts: u64,
}

pub(crate) async fn run(bench: &Bench<'_>, oracle: &mut Oracle, place: &Place) -> Result<()> {
    let room = Room {
        sequences: SEQUENCES,
        context_tokens: PREFIX_TOKENS + QUESTION_TOKENS + ANSWER_TOKENS + SPARE_TOKENS,
    };
    let way = bench.engines.worker(room).await?;
    let asks = asks(bench);
    let mut capacities = Vec::new();
    for _ in 0..VOLLEYS {
        let seen = volley(&way, &asks, oracle).await?;
        capacities.push(seen.answers.len() as f64 / seen.seconds);
    }
    let soak = load(&way, &asks, median(capacities), bench.soak(), oracle).await?;
    place.keep("engine-soak.json", &soak)?;
    chart::soak(&place.file("engine-soak.svg"), &soak)?;
    let [early, late] = halves(&soak.resident);
    println!(
        "soak: {:.0} s at {:.1} of {:.1} completions/s: {} right, {} not; first token p50 {:.0} ms, p99 {:.0} ms; \
         worker's memory {early:.0} KiB, then {late:.0} KiB; started again {} times",
        soak.seconds,
        soak.offered_per_second,
        soak.capacity_per_second,
        soak.answers,
        soak.failures,
        soak.first_p50_ms,
        soak.first_p99_ms,
        soak.restarts
    );
    ensure!(
        soak.restarts == 0,
        "the worker was started again {} times",
        soak.restarts
    );
    let bound = (early * GROWTH_SHARE_MAX).max(GROWTH_KIB_MAX);
    ensure!(
        late - early <= bound,
        "the worker's memory grew by {:.0} KiB, more than {bound:.0}",
        late - early
    );
    Ok(())
}

/// Half of them behind a prefix that they share.
fn asks(bench: &Bench<'_>) -> Vec<Ask> {
    let prefix = bench.words.text(PREFIX_SEED, PREFIX_TOKENS);
    let ask = |question: usize| Ask {
        system: if question.is_multiple_of(2) {
            prefix.clone()
        } else {
            String::new()
        },
        user: bench.words.text(question as u64, QUESTION_TOKENS),
        tokens: ANSWER_TOKENS,
    };
    (0..QUESTIONS).map(ask).collect()
}

/// Asks at a steady rate, whatever the answers take.
async fn load(way: &Way, asks: &[Ask], capacity: f64, time: Duration, oracle: &mut Oracle) -> Result<Soak> {
    let Door::Worker { engine, .. } = &way.door else {
        anyhow::bail!("only the worker itself is soaked");
    };
    let offered = capacity * LOAD;
    let mut asking = tokio::time::interval(Duration::from_secs_f64(1.0 / offered.max(0.01)));
    let mut looking = tokio::time::interval(MEMORY_EVERY);
    let (mut tasks, mut next) = (JoinSet::new(), 0);
    let (mut first_ms, mut failures, mut resident) = (Vec::new(), 0, Vec::new());
    let mut take = |answered: (Ask, Result<Answer>), oracle: &mut Oracle| match oracle.judge(
        way,
        &answered.0,
        answered.1,
    ) {
        Some(answer) => first_ms.push(answer.first_ms()),
        None => failures += 1,
    };
    let began = Instant::now();
    while began.elapsed() < time {
        tokio::select! {
            _ = asking.tick() => {
                let (door, ask) = (way.door.clone(), asks[next % asks.len()].clone());
                next += 1;
                tasks.spawn(async move {
                    let answer = door.ask(&ask, &mut |_| ()).await;
                    (ask, answer)
                });
            }
            _ = looking.tick() => {
                // A worker that is being started again has no memory to look at; `restarts` tells.
                if let Some(pid) = engine.status().pid {
                    resident.push((began.elapsed().as_secs_f64(), resident_kib(pid)?));
                }
            }
            Some(answered) = tasks.join_next() => take(answered.context("a caller panicked")?, oracle),
        }
    }
    while let Some(answered) = tasks.join_next().await {
        take(answered.context("a caller panicked")?, oracle);
    }
    Ok(Soak {
        capacity_per_second: capacity,
        offered_per_second: offered,
        seconds: began.elapsed().as_secs_f64(),
        answers: first_ms.len(),
        failures,
        first_p50_ms: quantile(&first_ms, 0.5),
        first_p99_ms: quantile(&first_ms, 0.99),
        resident,
        restarts: engine.status().restarts,
    })
}

/// Medians of the first and the last part of the time, warming up left out.
fn halves(resident: &[(f64, u64)]) -> [f64; 2] {
    let warm = (resident.len() as f64 * WARM_SHARE) as usize;
    let rest = &resident[warm..];
    let (early, late) = rest.split_at(rest.len() / 2);
    [early, late].map(|half| median(half.iter().map(|(_, kib)| *kib as f64).collect()))
}

#[cfg(test)]
mod tests {
    use super::halves;

    #[test]
    fn what_warms_up_does_not_count() {
        let flat: Vec<(f64, u64)> = [1, 1, 9, 9, 9, 9, 9, 9].map(|kib| (0.0, kib)).to_vec();
        assert_eq!(halves(&flat), [9.0, 9.0]);
        let grows: Vec<(f64, u64)> = (0..8_u32).map(|at| (f64::from(at), u64::from(at))).collect();
        assert_eq!(halves(&grows), [3.0, 6.0]);
    }
}
