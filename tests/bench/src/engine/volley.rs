//! Questions put all at once.

use super::ask::{Answer, Ask};
use super::oracle::Oracle;
use super::way::Way;
use anyhow::{Context, Result};
use std::time::Instant;

/// What came of them.
pub(crate) struct Volley {
    /// The right ones.
    pub(crate) answers: Vec<Answer>,
    pub(crate) failures: usize,
    /// From the first question to the last end.
    pub(crate) seconds: f64,
    /// Seconds that the way's processes computed meanwhile.
    pub(crate) computed_s: f64,
}

impl Volley {
    /// Tokens of right answers.
    pub(crate) fn tokens(&self) -> u64 {
        self.answers.iter().map(|answer| u64::from(answer.tokens)).sum()
    }
}

pub(crate) async fn volley(way: &Way, asks: &[Ask], oracle: &mut Oracle) -> Result<Volley> {
    let (began, computed) = (Instant::now(), way.computed()?);
    let tasks = asks.iter().cloned().map(|ask| {
        let door = way.door.clone();
        tokio::spawn(async move {
            let answer = door.ask(&ask, &mut |_| ()).await;
            (ask, answer)
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut answered = Vec::new();
    for task in tasks {
        answered.push(task.await.context("a caller panicked")?);
    }
    let seconds = began.elapsed().as_secs_f64();
    let computed_s = way.computed()? - computed;
    let answers: Vec<Answer> = answered
        .into_iter()
        .filter_map(|(ask, answer)| oracle.judge(way, &ask, answer))
        .collect();
    Ok(Volley {
        failures: asks.len() - answers.len(),
        answers,
        seconds,
        computed_s,
    })
}
