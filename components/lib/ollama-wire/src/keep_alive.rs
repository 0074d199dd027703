//! `keep_alive`: how long a model shall stay in memory after a request.

use gyre_chat_wire::{ApiError, Fields};
use serde_json::Value;

/// A wish about memory. Who loads models when it is asked can follow it; a host that holds its models need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepAlive {
    /// Until the server ends.
    Forever,
    /// This many milliseconds; 0 is not at all.
    Ms(u64),
}

const WHAT: &str =
    "must be a number of seconds or a duration such as \"5m\" or \"1h30m\"; below 0 is for ever";

/// Units of Go's durations, in nanoseconds; longer names first where one begins another.
const UNITS: [(&str, f64); 8] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 6e10),
    ("h", 3.6e12),
];

/// Reads it.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Option<KeepAlive>, ApiError> {
    let ns = match fields.get("keep_alive") {
        None => return Ok(None),
        Some(Value::String(text)) => duration_ns(text),
        Some(value) => value.as_f64().map(|seconds| seconds * 1e9),
    };
    match ns {
        Some(ns) if ns < 0.0 => Ok(Some(KeepAlive::Forever)),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is no less than 0, and what is too large becomes the largest"
        )]
        Some(ns) => Ok(Some(KeepAlive::Ms((ns / 1e6).ceil() as u64))),
        None => Err(fields.refuse("keep_alive", WHAT)),
    }
}

/// Go's `time.ParseDuration`: a sign, then numbers with units; `0` needs none.
fn duration_ns(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let unit_of = |(name, ns): &(&str, f64)| Some((after.strip_prefix(name)?, *ns));
        // `m` begins `ms`: the unit that leaves a digit or nothing is the one.
        let fits =
            |rest: &str| rest.is_empty() || rest.starts_with(|it: char| it.is_ascii_digit() || it == '.');
        let (after, ns) = UNITS.iter().filter_map(unit_of).find(|(after, _)| fits(after))?;
        sum += number * ns;
        rest = after;
    }
    Some(sign * sum)
}

#[cfg(test)]
mod tests {
    use super::duration_ns;

    #[test]
    fn durations_are_those_of_go() {
        for (text, ns) in [
            ("5m", Some(3e11)),
            ("1h30m", Some(5.4e12)),
            ("1.5s", Some(1.5e9)),
            ("10ms", Some(1e7)),
            ("2m3ms", Some(1.2e11 + 3e6)),
            ("4µs", Some(4e3)),
            ("-1s", Some(-1e9)),
            ("+1ns", Some(1.0)),
            ("0", Some(0.0)),
            ("", None),
            ("-", None),
            ("5", None),
            ("m", None),
            ("5 m", None),
            ("1.2.3s", None),
            ("5d", None),
        ] {
            assert_eq!(duration_ns(text), ns, "{text}");
        }
    }
}
