//! How good an outcome was, as one number from -1 to 1.
//!
//! A failure is -1. A success is 1, less at most `LATENCY_SHARE` for the time it took and at most `COST_SHARE` for what
//! it cost: each by x / (x + usual), so that the usual time costs half of that share. Feedback of a person or of a
//! check, where there is any, stands for the success: it is from -1 to 1, and a bad one stays bad however cheap.

const LATENCY_SHARE: f64 = 0.2;
const COST_SHARE: f64 = 0.2;
/// The time that counts as usual.
const LATENCY_MS_USUAL: f64 = 5_000.0;
/// The cost that counts as usual, in millionths.
const COST_MICROS_USUAL: f64 = 5_000.0;

/// How a request went.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outcome {
    /// Whether it was answered.
    pub success: bool,
    /// Until the answer's end.
    pub latency_ms: u64,
    /// Until its first token, where it was streamed.
    pub first_token_ms: Option<u64>,
    /// Tokens of the answer; for the time that one takes.
    pub output_tokens: u64,
    /// What it cost, in millionths.
    pub cost_micros: f64,
    /// What was said of it, -1 to 1.
    pub feedback: Option<f64>,
}

/// The reward of an outcome, from -1 to 1. What is no number counts as nothing.
#[must_use]
pub fn reward(outcome: &Outcome) -> f64 {
    if !outcome.success {
        return -1.0;
    }
    let feedback = outcome.feedback.filter(|it| it.is_finite());
    let base = feedback.map_or(1.0, |it| it.clamp(-1.0, 1.0));
    if base <= 0.0 {
        return base;
    }
    #[expect(clippy::cast_precision_loss, reason = "a time of hours, which a double holds")]
    let latency_ms = outcome.latency_ms as f64;
    let price = LATENCY_SHARE * share(latency_ms, LATENCY_MS_USUAL);
    let price = price + COST_SHARE * share(outcome.cost_micros, COST_MICROS_USUAL);
    base * (1.0 - price)
}

fn share(value: f64, usual: f64) -> f64 {
    if value.is_finite() && value > 0.0 {
        value / (value + usual)
    } else {
        0.0
    }
}

/// What a request costs, in millionths: prices are for a million tokens.
#[must_use]
pub fn cost_micros(price: &gyre_routing_config::Price, input_tokens: u64, output_tokens: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "tokens of a request, which a double holds"
    )]
    let (input, output) = (input_tokens as f64, output_tokens as f64);
    input * price.input_per_million + output * price.output_per_million
}
