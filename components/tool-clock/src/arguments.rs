//! Reading arguments.

use serde::Deserialize;

/// Bytes of one argument: longer ones are no date and no time zone.
pub const ARGUMENT_BYTES_MAX: usize = 64;

/// Why a call cannot be answered, for the model to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// They do not fit the schema.
    #[error("the arguments do not fit: {why}; hint: send for example {example}")]
    Shape {
        /// As the reader of JSON put it.
        why: String,
        /// Arguments that fit.
        example: &'static str,
    },
    /// No such time zone.
    #[error(
        "there is no time zone `{0}`; hint: use an IANA name such as Europe/Berlin, America/New_York or UTC"
    )]
    TimeZone(String),
    /// No such day.
    #[error("`{0}` is not a date; hint: write it as year-month-day, for example 2026-02-28")]
    Date(String),
    /// The clock shows what no calendar has.
    #[error("the clock of this machine shows no time that can be told; hint: set it")]
    Clock,
}

/// Reads the arguments of a tool.
pub fn parse<'a, T: Deserialize<'a>>(arguments: &'a str, example: &'static str) -> Result<T, ArgumentError> {
    serde_json::from_str(arguments).map_err(|error| ArgumentError::Shape {
        why: error.to_string(),
        example,
    })
}

/// An argument as an error may repeat it.
#[must_use]
pub fn shown(argument: &str) -> String {
    let short = argument.chars().filter(|sign| !sign.is_control());
    short.take(ARGUMENT_BYTES_MAX).collect()
}
