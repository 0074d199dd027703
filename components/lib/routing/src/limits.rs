//! What an upstream says of its limits in the headers of its answers.
//!
//! `retry-after` and `retry-after-ms`; `OpenAI`'s `x-ratelimit-*` with times such as `6m0s`; Anthropic's
//! `anthropic-ratelimit-*` with times as of RFC 3339.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest time that a header is believed.
const WAIT_MS_MAX: u64 = 86_400_000;
/// Bytes of a header that are read.
const HEADER_BYTES_MAX: usize = 128;

/// What is left of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Left {
    /// How many more may come.
    pub remaining: u64,
    /// Until when that holds.
    pub until_ms: u64,
}

/// What an upstream said of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Upstream {
    /// Requests.
    pub requests: Option<Left>,
    /// Tokens.
    pub tokens: Option<Left>,
}

/// Names of what is left, and of when that is over.
const REQUESTS: [(&str, &str); 2] = [
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    (
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ),
];
const TOKENS: [(&str, &str); 3] = [
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    (
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
    ),
    (
        "anthropic-ratelimit-input-tokens-remaining",
        "anthropic-ratelimit-input-tokens-reset",
    ),
];

impl Upstream {
    /// Until when a request of so many tokens would be one too many; nothing where it may come.
    #[must_use]
    pub fn refuses(&self, tokens: u64, now_ms: u64) -> Option<u64> {
        let over = |left: &Option<Left>, needed: u64| {
            let left = left.filter(|left| now_ms < left.until_ms && left.remaining < needed);
            left.map(|left| left.until_ms)
        };
        over(&self.requests, 1).max(over(&self.tokens, tokens.max(1)))
    }

    /// Reads the headers of an answer; `names` gives a header by its small letters. What was known of a limit stays
    /// known where they say nothing of it.
    #[must_use]
    pub fn read<'a>(self, header: impl Fn(&str) -> Option<&'a str>, now_ms: u64) -> Self {
        let left = |names: &[(&str, &str)]| {
            let found = names.iter().find_map(|(remaining, reset)| {
                let remaining = header(remaining)?.trim().parse().ok()?;
                let until_ms = moment(header(reset)?, now_ms)?;
                Some(Left { remaining, until_ms })
            });
            found.map(|left| Left {
                until_ms: left.until_ms.min(now_ms.saturating_add(WAIT_MS_MAX)),
                ..left
            })
        };
        Self {
            requests: left(&REQUESTS).or(self.requests),
            tokens: left(&TOKENS).or(self.tokens),
        }
    }
}

/// When the upstream wants to be asked again, from `retry-after-ms` or `retry-after`: seconds, or a date.
#[must_use]
pub fn retry_after_ms<'a>(header: impl Fn(&str) -> Option<&'a str>, now_ms: u64) -> Option<u64> {
    let number = |text: &str| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|it| it.is_finite() && *it >= 0.0)
    };
    if let Some(ms) = header("retry-after-ms").and_then(number) {
        return Some(bounded(ms));
    }
    let text = header("retry-after").filter(|text| text.len() <= HEADER_BYTES_MAX)?;
    if let Some(seconds) = number(text) {
        return Some(bounded(seconds * 1_000.0));
    }
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
    let at_ms = u64::try_from(date.timestamp().as_millisecond()).ok()?;
    Some(at_ms.saturating_sub(now_ms).min(WAIT_MS_MAX))
}

/// A moment: as of RFC 3339, or so long from now.
fn moment(text: &str, now_ms: u64) -> Option<u64> {
    let text = text.trim();
    if text.len() > HEADER_BYTES_MAX {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return u64::try_from(at.as_millisecond()).ok();
    }
    duration_ms(text).map(|ms| now_ms.saturating_add(ms))
}

/// `6m0s`, `1.5s`, `20ms`, `1h2m`, `1d`, or plain seconds.
fn duration_ms(text: &str) -> Option<u64> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|it: char| !it.is_ascii_digit() && it != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let unit_end = after.find(|it: char| it.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let factor = match unit {
            "ms" => 1.0,
            "s" | "" => 1_000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            "d" => 86_400_000.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * factor;
        rest = after;
    }
    (!text.is_empty()).then(|| bounded(total))
}

fn bounded(ms: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped to a day"
    )]
    let ms = ms.clamp(0.0, WAIT_MS_MAX as f64).ceil() as u64;
    ms
}
