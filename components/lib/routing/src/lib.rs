//! The router's decisions, all pure: time in milliseconds, random numbers and what is stored come in as values, and what
//! is to be stored goes out as values.
//!
//! [`plan`] makes the [`Plan`] of a [`Task`]: an ordered, bounded list of attempts, and why nobody else is asked. While
//! it is carried out, [`Health`] is told when a request begins and ends, [`fail`] counts a failure and begins cooldowns,
//! [`retry`] decides whether the group is asked again and after how long, and [`replan`] makes another plan where a
//! failure has fallbacks of its own. Afterwards [`Statistics`] learn the [`Outcome`]. [`meant`] tells which agent a
//! question is for. Decisions that `LiteLLM` takes too are the same, which `tests/golden` holds to.

mod chains;
mod cooldown;
mod draft;
mod eligible;
mod failure;
mod features;
mod health;
mod intents;
mod latency;
mod limits;
mod linucb;
mod outcomes;
mod pareto;
mod pattern;
mod plan;
mod planner;
mod prompt_features;
mod prompt_gain;
mod rank;
mod resolve;
mod retry;
mod reward;
mod state;
mod task;

pub use chains::{HOPS_MAX, hops};
pub use cooldown::{Case, fail};
pub use eligible::Reason;
pub use failure::{Failure, Kind};
pub use features::{FEATURES, features};
pub use health::{Breaker, Health, Minute, Tally};
pub use intents::{Meant, meant};
pub use latency::Latencies;
pub use limits::{Left, Upstream, retry_after_ms};
pub use linucb::Arm;
pub use outcomes::{Outcomes, Record};
pub use pareto::{Point, front, ranked as pareto_ranked};
pub use plan::{ATTEMPTS_MAX, Attempt, LEFT_OUT_MAX, LeftOut, Plan, PlanError};
pub use planner::{Inputs, plan, replan};
pub use prompt_gain::{FitError, PromptGain};
pub use rank::shuffle_weights;
pub use resolve::{Candidate, Resolved, UnknownModel, resolve};
pub use retry::{Attempted, Retry, Why, fallbacks, retries_max, retry};
pub use reward::{Outcome, cost_micros, reward};
pub use state::{HEALTH_BYTES_MAX, STATISTICS_BYTES_MAX, State, StateError, Statistics};
pub use task::{Needs, Task};
