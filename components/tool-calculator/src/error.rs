//! Why there is no result, in words that a model can act on.

use crate::limits::{DEPTH_MAX, EXPRESSION_BYTES_MAX};

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalculationError {
    /// Too many bytes.
    #[error("the expression has {0} bytes, {EXPRESSION_BYTES_MAX} are the most; hint: calculate it in parts")]
    TooLong(usize),
    /// Too many levels.
    #[error("the expression nests deeper than {DEPTH_MAX} levels; hint: calculate its inner parts first")]
    TooDeep,
    /// Nothing is there.
    #[error("the expression is empty; hint: send for example `(2 + 3) * 4`")]
    Empty,
    /// Something else was expected.
    #[error("at character {at}: expected {expected}, found {found}; hint: {hint}")]
    Expected {
        /// Its place, from 1.
        at: usize,
        /// What would have been right.
        expected: &'static str,
        /// What is there.
        found: String,
        /// The cure.
        hint: &'static str,
    },
    /// Not a number.
    #[error("`{0}` is not a number; hint: write it like 1234.5 or 1.2e-3")]
    Number(String),
    /// No such function or constant.
    #[error("there is no `{name}`; hint: {known}")]
    Unknown {
        /// What was named.
        name: String,
        /// What there is.
        known: &'static str,
    },
    /// Wrong number of arguments.
    #[error("`{name}` takes {takes}, given are {given}; hint: separate arguments by commas")]
    Arguments {
        /// The function.
        name: String,
        /// What it takes.
        takes: &'static str,
        /// What it was given.
        given: usize,
    },
    /// A quotient, a remainder or a negative power of zero.
    #[error("division by zero; hint: check the divisor")]
    DivisionByZero,
    /// More than double precision can hold.
    #[error("the result is too large; hint: numbers end at about 1.8e308")]
    Overflow,
    /// No real number.
    #[error("{0} has no real value; hint: check what it is applied to")]
    Undefined(String),
}
