//! What a server refuses, and what it does wrong, as errors of the port. Pure.

use crate::bindings::exports::gyre::inference::types::{ContextOverflow, Error};
use crate::public_text::public;
use gyre_chat_wire::{ApiError, parse_error};

/// How long to wait before trying again, when the server does not say.
const RETRY_AFTER_MS: u64 = 1_000;
const RETRY_AFTER_MS_MAX: u64 = 3_600_000;

/// An answer whose status is not 200.
pub(crate) struct Refused<'a> {
    /// Its status.
    pub(crate) status: u16,
    /// Its header `retry-after`.
    pub(crate) retry_after: Option<&'a str>,
    /// Its body.
    pub(crate) body: &'a [u8],
}

/// The port's error for a refusal. `secret` must not be shown, whatever the server repeats.
pub(crate) fn from_status(refused: &Refused<'_>, secret: &str) -> Error {
    let error = parse_error(refused.status, refused.body);
    match refused.status {
        // What it says of keys stays here.
        401 | 403 => internal(format!(
            "the model server refused the key ({}); hint: set `upstream_key` of this component to a key it takes",
            refused.status
        )),
        300..=399 => internal(format!(
            "the model server redirects ({}), which is not followed; hint: set `upstream_url` to the final address",
            refused.status
        )),
        402 => Error::BudgetExhausted(said("the model server wants to be paid", &error, secret)),
        429 | 503 if is_spent(&error) => {
            Error::BudgetExhausted(said("the budget at the model server is spent", &error, secret))
        }
        429 => Error::Overloaded(retry_ms(refused.retry_after)),
        503 if refused.retry_after.is_some() => Error::Overloaded(retry_ms(refused.retry_after)),
        413 => Error::Invalid(
            "the request is larger than the model server takes; hint: send less at once".into(),
        ),
        _ => from_error(&error, secret),
    }
}

/// The port's error for an error object, which may have come in a stream.
pub(crate) fn from_error(error: &ApiError, secret: &str) -> Error {
    if let Some(overflow) = error.overflow.as_deref() {
        return Error::ContextTooLong(ContextOverflow {
            limit_tokens: overflow.limit,
            requested_tokens: overflow.requested,
        });
    }
    match (error.code.as_deref().unwrap_or_default(), error.status) {
        ("model_not_found", _) => {
            Error::ModelNotFound(said("the model server has no such model", error, secret))
        }
        ("adapter_not_found", _) => {
            Error::AdapterNotFound(said("the model server has no such adapter", error, secret))
        }
        ("overloaded" | "rate_limit_exceeded", _) => Error::Overloaded(RETRY_AFTER_MS),
        ("budget_exhausted" | "insufficient_quota", _) => {
            Error::BudgetExhausted(said("the model server ended the call", error, secret))
        }
        ("unsupported", _) => Error::Unsupported(said("the model server cannot do that", error, secret)),
        ("unknown_path" | "unknown_url" | "unreadable", 404 | 405) => internal(format!(
            "the model server has no such path ({}); hint: is `upstream_url` the base of its API, as in https://host/v1?",
            error.status
        )),
        // Servers differ in the code of an unknown model; the status is the same.
        (_, 404) => Error::ModelNotFound(said("the model server has no such model", error, secret)),
        (code, 400 | 422) if code != "unreadable" => {
            Error::Invalid(said("the model server refused the request", error, secret))
        }
        ("invalid_value" | "context_length_exceeded" | "invalid_request_error", _) => {
            Error::Invalid(said("the model server refused the request", error, secret))
        }
        _ => {
            let what = said("the model server failed", error, secret);
            let text = format!("{what}; hint: see the log of that server, and try again");
            match error.status {
                // What these say may pass; anything else will not.
                502..=504 => Error::Unavailable(text),
                _ => internal(text),
            }
        }
    }
}

fn is_spent(error: &ApiError) -> bool {
    let spent = |text: &str| matches!(text, "insufficient_quota" | "budget_exhausted");
    spent(&error.kind) || error.code.as_deref().is_some_and(spent)
}

fn said(what: &str, error: &ApiError, secret: &str) -> String {
    format!("{what} ({}): {}", error.status, public(&error.message, secret))
}

fn retry_ms(header: Option<&str>) -> u64 {
    // A date is as good as nothing: the clocks of two machines differ.
    let seconds = header.and_then(|it| it.trim().parse::<u64>().ok());
    seconds.map_or(RETRY_AFTER_MS, |it| {
        it.saturating_mul(1_000).clamp(1, RETRY_AFTER_MS_MAX)
    })
}

/// The server answered, but not as the protocol says.
pub(crate) fn lie(what: impl std::fmt::Display) -> Error {
    internal(format!(
        "the model server broke the protocol: {what}; hint: is `upstream_url` a server of OpenAI's API, with streams \
         and their usage?"
    ))
}

/// The server did not answer in time.
pub(crate) fn stalled(what: &str, ms: u64, variable: &str) -> Error {
    Error::Unavailable(format!(
        "the model server sent no {what} in {ms} ms; hint: see whether it works, or raise `{variable}`"
    ))
}

/// No connection, or none that lasts.
pub(crate) fn unreachable() -> Error {
    Error::Unavailable(
        "the model server cannot be reached; hint: start it (`gyre serve-model` is one), set `upstream_url`, and grant \
         it in allowed_outbound_hosts"
            .into(),
    )
}

fn internal(text: String) -> Error {
    Error::Internal(text)
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
