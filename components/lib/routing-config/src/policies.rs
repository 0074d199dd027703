//! Policies by the kind of failure: one table of names for each of the two files.

use crate::problem::Findings;
use crate::reliability::{ByFailure, RetryPolicy};
use crate::table::Table;

/// Retries or failures that may be set.
pub(crate) const COUNT_MAX: u32 = 1_000_000;

/// A kind of failure: its name here, and its stem in `LiteLLM`.
type Kind = (&'static str, &'static str, fn(&mut ByFailure) -> &mut Option<u32>);

const KINDS: [Kind; 9] = [
    ("bad_request", "BadRequestError", |it| &mut it.bad_request),
    ("authentication", "AuthenticationError", |it| {
        &mut it.authentication
    }),
    ("timeout", "TimeoutError", |it| &mut it.timeout),
    ("rate_limit", "RateLimitError", |it| &mut it.rate_limit),
    ("content_policy", "ContentPolicyViolationError", |it| {
        &mut it.content_policy
    }),
    ("internal", "InternalServerError", |it| &mut it.internal),
    ("bad_gateway", "BadGatewayError", |it| &mut it.bad_gateway),
    ("unavailable", "ServiceUnavailableError", |it| &mut it.unavailable),
    ("not_found", "NotFoundError", |it| &mut it.not_found),
];

/// `LiteLLM`'s keys of a policy of retries. It has none for bad gateways.
pub(crate) fn litellm_retries(table: &Table<'_>, found: &mut Findings) -> RetryPolicy {
    let (by_failure, mut known) = read(table, found, |_, stem| format!("{stem}Retries"));
    known.push("DefaultRetries".to_owned());
    known.retain(|key| key != "BadGatewayErrorRetries");
    unknown(table, &known, found);
    RetryPolicy {
        by_failure: ByFailure {
            bad_gateway: None,
            ..by_failure
        },
        default: table.small("DefaultRetries", COUNT_MAX, found),
    }
}

/// `LiteLLM`'s keys of a policy of failures that are borne.
pub(crate) fn litellm_fails(table: &Table<'_>, found: &mut Findings) -> ByFailure {
    let (by_failure, known) = read(table, found, |_, stem| format!("{stem}AllowedFails"));
    unknown(table, &known, found);
    by_failure
}

/// Our keys of a policy of retries.
pub(crate) fn own_retries(table: &Table<'_>, found: &mut Findings) -> RetryPolicy {
    let (by_failure, mut known) = read(table, found, |name, _| name.to_owned());
    known.push("default".to_owned());
    unknown(table, &known, found);
    RetryPolicy {
        by_failure,
        default: table.small("default", COUNT_MAX, found),
    }
}

/// Our keys of a policy of failures that are borne.
pub(crate) fn own_fails(table: &Table<'_>, found: &mut Findings) -> ByFailure {
    let (by_failure, known) = read(table, found, |name, _| name.to_owned());
    unknown(table, &known, found);
    by_failure
}

fn read(
    table: &Table<'_>,
    found: &mut Findings,
    key: impl Fn(&str, &str) -> String,
) -> (ByFailure, Vec<String>) {
    let mut by_failure = ByFailure::default();
    let mut known = Vec::new();
    for (name, stem, place) in KINDS {
        let key = key(name, stem);
        *place(&mut by_failure) = table.small(&key, COUNT_MAX, found);
        known.push(key);
    }
    (by_failure, known)
}

fn unknown(table: &Table<'_>, known: &[String], found: &mut Findings) {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    table.only(&known, found);
}
