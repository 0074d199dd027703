//! Gaps between the tokens of streams that run, before and while a long prompt is read.

use super::ask::{Answer, Ask, Door, ms};
use super::oracle::Oracle;
use super::quantile::quantile;
use super::way::{Room, Way};
use super::{Bench, chart};
use crate::report::{Place, median};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

const QUESTION_TOKENS: u32 = 16;
const SPARE_TOKENS: u32 = 64;
const LONG_SEED: u64 = 7_000_000;
/// A stream runs once so many pieces came.
const UNDER_WAY: usize = 32;

/// One round of one way.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sample {
    pub(crate) way: &'static str,
    pub(crate) round: usize,
    /// Of all running streams, before the long prompt came.
    pub(crate) before_ms: Vec<f64>,
    /// From when it came to its first token.
    pub(crate) during_ms: Vec<f64>,
    pub(crate) long_first_ms: f64,
    pub(crate) failures: usize,
}

pub(crate) async fn run(bench: &Bench<'_>, oracle: &mut Oracle, place: &Place) -> Result<()> {
    let options = bench.options;
    let room = Room {
        sequences: u32::try_from(options.running + 1)?,
        context_tokens: options.prefill_tokens.max(options.running_tokens) + QUESTION_TOKENS + SPARE_TOKENS,
    };
    let ways = bench.engines.open(room).await?;
    let mut samples = Vec::new();
    for round in 1..=bench.rounds_of_prefill() {
        for way in &ways {
            samples.push(measure(bench, way, round, oracle).await?);
        }
    }
    place.keep("engine-gaps.json", &samples)?;
    chart::gaps(&place.file("engine-gaps.svg"), &samples)?;
    print(&samples, &ways, options.prefill_tokens);
    Ok(())
}

/// A stream's question with its answer.
type Answered = (Ask, Result<Answer>);

async fn measure(bench: &Bench<'_>, way: &Way, round: usize, oracle: &mut Oracle) -> Result<Sample> {
    let options = bench.options;
    let running = start(bench, way).await?;
    let long = Ask {
        system: String::new(),
        user: bench.words.text(LONG_SEED + round as u64, options.prefill_tokens),
        tokens: 1,
    };
    let began = Instant::now();
    let answer = way.door.ask(&long, &mut |_| ()).await;
    let answer = oracle.judge(way, &long, answer);
    let mut sample = Sample {
        way: way.name,
        round,
        before_ms: Vec::new(),
        during_ms: Vec::new(),
        long_first_ms: answer.as_ref().map_or(f64::NAN, Answer::first_ms),
        failures: usize::from(answer.is_none()),
    };
    let until = answer.map_or(began, |it| it.arrivals.first().copied().unwrap_or(it.ended));
    for task in running {
        let (ask, answer) = task.await.context("a stream panicked")?;
        match oracle.judge(way, &ask, answer) {
            Some(answer) => sample.take(&answer, began, until),
            None => sample.failures += 1,
        }
    }
    Ok(sample)
}

/// Starts the streams, and waits until all of them run.
async fn start(bench: &Bench<'_>, way: &Way) -> Result<Vec<JoinHandle<Answered>>> {
    let running = bench.options.running;
    // Each stream adds a permit when it runs; an end before that closes it.
    let under_way = Arc::new(Semaphore::new(0));
    let tasks = (0..running).map(|stream| {
        let ask = Ask {
            system: String::new(),
            user: bench.words.text(stream as u64, QUESTION_TOKENS),
            tokens: bench.options.running_tokens,
        };
        tokio::spawn(stream_on(way.door.clone(), ask, Arc::clone(&under_way)))
    });
    let tasks: Vec<_> = tasks.collect();
    let all = under_way.acquire_many(u32::try_from(running)?).await;
    ensure!(
        all.is_ok(),
        "{}: a stream ended before {UNDER_WAY} pieces of it came",
        way.name
    );
    Ok(tasks)
}

async fn stream_on(door: Door, ask: Ask, under_way: Arc<Semaphore>) -> Answered {
    let mut piece = |pieces: usize| {
        if pieces == UNDER_WAY {
            under_way.add_permits(1);
        }
    };
    let answer = door.ask(&ask, &mut piece).await;
    if answer.as_ref().map_or(0, |it| it.arrivals.len()) < UNDER_WAY {
        under_way.close();
    }
    (ask, answer)
}

impl Sample {
    /// A gap that any part of the long prompt's reading falls into is one during it.
    fn take(&mut self, answer: &Answer, began: Instant, until: Instant) {
        for pair in answer.arrivals.windows(2) {
            let gap = ms(pair[1].duration_since(pair[0]));
            if pair[1] <= began {
                self.before_ms.push(gap);
            } else if pair[0] < until {
                self.during_ms.push(gap);
            }
        }
    }
}

/// The gaps of all rounds of a way.
pub(crate) fn all(samples: &[Sample], way: &str, gaps: fn(&Sample) -> &[f64]) -> Vec<f64> {
    let of = samples.iter().filter(|it| it.way == way);
    of.flat_map(|it| gaps(it).iter().copied()).collect()
}

fn print(samples: &[Sample], ways: &[Way], prefill_tokens: u32) {
    println!(
        "gaps of running streams, prompt of {prefill_tokens}   before p50   p99 ms   during p50      p99   max ms   its first token ms"
    );
    for way in ways {
        let before = all(samples, way.name, |it| &it.before_ms);
        let during = all(samples, way.name, |it| &it.during_ms);
        let of = samples.iter().filter(|it| it.way == way.name);
        println!(
            "{:>38} {:>12.1} {:>8.1} {:>12.1} {:>8.1} {:>8.1} {:>12.0}",
            way.name,
            quantile(&before, 0.5),
            quantile(&before, 0.99),
            quantile(&during, 0.5),
            quantile(&during, 0.99),
            quantile(&during, 1.0),
            median(of.map(|it| it.long_first_ms).collect())
        );
    }
}
