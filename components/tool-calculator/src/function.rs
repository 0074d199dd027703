//! The functions and constants that expressions may name. Pure.

use crate::error::CalculationError;
use crate::number::Number;
use std::f64::consts;

/// What there is, for whoever used a name that is not.
const KNOWN: &str = "there are sqrt, cbrt, abs, round, floor, ceil, trunc, exp, ln, log2, log10, sin, cos, tan, \
     asin, acos, atan (radians), min, max and the constants pi, tau, e";

/// The value of a constant.
#[must_use]
pub fn constant(name: &str) -> Option<Number> {
    let value = match name {
        "pi" | "π" => consts::PI,
        "tau" | "τ" => consts::TAU,
        "e" => consts::E,
        _ => return None,
    };
    Some(Number::Rounded(value))
}

/// The error of a name that is neither a function nor a constant.
#[must_use]
pub fn unknown(name: &str) -> CalculationError {
    CalculationError::Unknown {
        name: name.to_owned(),
        known: KNOWN,
    }
}

/// Applies a function.
pub fn apply(name: &str, arguments: &[Number]) -> Result<Number, CalculationError> {
    match name {
        "min" | "max" => return extreme(name, arguments),
        _ if !is_function(name) => return Err(unknown(name)),
        _ => {}
    }
    let [argument] = *arguments else {
        return Err(CalculationError::Arguments {
            name: name.to_owned(),
            takes: "one argument",
            given: arguments.len(),
        });
    };
    match name {
        "abs" if argument.to_f64() < 0.0 => Ok(argument.negated()),
        "abs" => Ok(argument),
        "round" => argument.round_by(|it| it.round(), f64::round),
        "floor" => argument.round_by(|it| it.floor(), f64::floor),
        "ceil" => argument.round_by(|it| it.ceil(), f64::ceil),
        "trunc" => argument.round_by(|it| it.trunc(), f64::trunc),
        "sqrt" => root(argument),
        _ => real(name, argument.to_f64()),
    }
}

/// Whether it is a function.
#[must_use]
pub fn is_function(name: &str) -> bool {
    matches!(
        name,
        "min" | "max" | "abs" | "round" | "floor" | "ceil" | "trunc" | "sqrt"
    ) || of_real(name).is_some()
}

fn of_real(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "cbrt" => f64::cbrt,
        "exp" => f64::exp,
        "ln" => f64::ln,
        "log2" => f64::log2,
        "log10" => f64::log10,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        _ => return None,
    })
}

fn real(name: &str, argument: f64) -> Result<Number, CalculationError> {
    let undefined = || CalculationError::Undefined(format!("{name} of {argument}"));
    let function = of_real(name).ok_or_else(|| unknown(name))?;
    if name.starts_with('l') && argument <= 0.0 {
        return Err(undefined());
    }
    Number::rounded(function(argument), &format!("{name} of {argument}"))
}

/// The square root; of a square it is exact.
fn root(argument: Number) -> Result<Number, CalculationError> {
    let root = argument.to_f64().sqrt();
    let rounded = Number::rounded(root, "the square root of a negative number")?;
    if let Number::Exact(_) = argument
        && let Ok(candidate) = Number::parse(&root.to_string())
        && candidate.times(candidate)? == argument
    {
        return Ok(candidate);
    }
    Ok(rounded)
}

fn extreme(name: &str, arguments: &[Number]) -> Result<Number, CalculationError> {
    let mut found = arguments.iter().copied();
    let Some(first) = found.next() else {
        return Err(CalculationError::Arguments {
            name: name.to_owned(),
            takes: "at least one argument",
            given: 0,
        });
    };
    Ok(found.fold(first, |best, next| {
        let smaller = next.to_f64() < best.to_f64();
        if smaller == (name == "min") && next != best {
            next
        } else {
            best
        }
    }))
}
