//! Numbers: fractions for as long as they stay exact, then double precision. Pure.

use crate::error::CalculationError;
use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub};

/// Beyond this a numerator or denominator is no longer exact; far enough from the end of `i128` that nothing overflows.
const PART_MAX: i128 = 10_i128.pow(36);
/// Powers of larger exponents go by double precision at once.
const EXACT_EXPONENT_MAX: i128 = 1024;
/// Whole numbers that double precision, and so every reader of JSON, holds exactly.
const WHOLE_MAX: i128 = 1 << 53;
/// Digits of a number in double precision that are worth showing.
const SHOWN_DIGITS: usize = 15;

/// A finite number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Exactly this fraction.
    Exact(Ratio<i128>),
    /// About this.
    Rounded(f64),
}

impl Number {
    /// A fraction, in double precision when its parts are too long.
    fn of(ratio: Ratio<i128>) -> Self {
        if ratio.numer().abs() <= PART_MAX && *ratio.denom() <= PART_MAX {
            Self::Exact(ratio)
        } else {
            Self::Rounded(to_f64(ratio))
        }
    }

    /// A number in double precision; `what` made it.
    pub fn rounded(value: f64, what: &str) -> Result<Self, CalculationError> {
        if value.is_finite() {
            Ok(Self::Rounded(value))
        } else if value.is_nan() {
            Err(CalculationError::Undefined(what.to_owned()))
        } else {
            Err(CalculationError::Overflow)
        }
    }

    /// Reads digits with an optional fraction and exponent, without a sign.
    pub fn parse(text: &str) -> Result<Self, CalculationError> {
        if let Some(exact) = parse_exact(text) {
            return Ok(exact);
        }
        let value: f64 = text
            .parse()
            .map_err(|_| CalculationError::Number(text.to_owned()))?;
        Self::rounded(value, text)
    }

    /// In double precision.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Exact(ratio) => to_f64(ratio),
            Self::Rounded(value) => value,
        }
    }

    /// The number as JSON, and whether it is exactly that.
    #[must_use]
    pub fn to_json(self) -> (serde_json::Number, bool) {
        let whole =
            |value: f64| (value.fract() == 0.0 && value.abs() <= WHOLE_MAX as f64).then_some(value as i64);
        if let Self::Exact(ratio) = self
            && *ratio.denom() <= WHOLE_MAX
            && ratio.numer().abs() <= WHOLE_MAX
            && is_decimal(*ratio.denom())
        {
            let value = to_f64(ratio);
            return (whole(value).map_or_else(|| of_f64(value), Into::into), true);
        }
        let value = self.to_f64();
        let shown = format!("{value:.*e}", SHOWN_DIGITS - 1).parse().unwrap_or(value);
        (whole(shown).map_or_else(|| of_f64(shown), Into::into), false)
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Result<Self, CalculationError> {
        self.combine(other, Ratio::checked_add, |a, b| a + b, "this sum")
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Result<Self, CalculationError> {
        self.combine(other, Ratio::checked_sub, |a, b| a - b, "this difference")
    }

    /// The product.
    pub fn times(self, other: Self) -> Result<Self, CalculationError> {
        self.combine(other, Ratio::checked_mul, |a, b| a * b, "this product")
    }

    /// The quotient.
    pub fn over(self, other: Self) -> Result<Self, CalculationError> {
        if other.is_zero() {
            return Err(CalculationError::DivisionByZero);
        }
        self.combine(other, Ratio::checked_div, |a, b| a / b, "this quotient")
    }

    /// The remainder, with the sign of the divisor: `-7 % 3` is 2.
    pub fn modulo(self, divisor: Self) -> Result<Self, CalculationError> {
        let quotient = self.over(divisor)?;
        let floor = quotient.round_by(|it| it.floor(), f64::floor)?;
        self.minus(divisor.times(floor)?)
    }

    /// The power.
    pub fn power(self, exponent: Self) -> Result<Self, CalculationError> {
        if self.is_zero() && exponent.to_f64() < 0.0 {
            return Err(CalculationError::DivisionByZero);
        }
        if let (Self::Exact(base), Self::Exact(exponent)) = (self, exponent)
            && exponent.is_integer()
            && exponent.numer().abs() <= EXACT_EXPONENT_MAX
            && let Some(power) = exact_power(base, *exponent.numer())
        {
            return Ok(Self::of(power));
        }
        let what = "a power of a negative number with a fraction as its exponent";
        Self::rounded(self.to_f64().powf(exponent.to_f64()), what)
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Exact(ratio) => Self::Exact(-ratio),
            Self::Rounded(value) => Self::Rounded(-value),
        }
    }

    /// Rounds a fraction or a number of double precision.
    pub fn round_by(
        self,
        exact: fn(&Ratio<i128>) -> Ratio<i128>,
        rounded: fn(f64) -> f64,
    ) -> Result<Self, CalculationError> {
        match self {
            Self::Exact(ratio) => Ok(Self::of(exact(&ratio))),
            Self::Rounded(value) => Self::rounded(rounded(value), "this rounding"),
        }
    }

    fn is_zero(self) -> bool {
        self.to_f64() == 0.0
    }

    fn combine(
        self,
        other: Self,
        exact: fn(&Ratio<i128>, &Ratio<i128>) -> Option<Ratio<i128>>,
        rounded: fn(f64, f64) -> f64,
        what: &str,
    ) -> Result<Self, CalculationError> {
        if let (Self::Exact(a), Self::Exact(b)) = (self, other)
            && let Some(result) = exact(&a, &b)
        {
            return Ok(Self::of(result));
        }
        Self::rounded(rounded(self.to_f64(), other.to_f64()), what)
    }
}

fn to_f64(ratio: Ratio<i128>) -> f64 {
    *ratio.numer() as f64 / *ratio.denom() as f64
}

/// Whether a fraction of this denominator ends as a decimal.
fn is_decimal(mut denominator: i128) -> bool {
    for factor in [2, 5] {
        while denominator % factor == 0 {
            denominator /= factor;
        }
    }
    denominator == 1
}

fn of_f64(value: f64) -> serde_json::Number {
    // Every number here is finite.
    serde_json::Number::from_f64(value).unwrap_or_else(|| 0.into())
}

fn exact_power(base: Ratio<i128>, exponent: i128) -> Option<Ratio<i128>> {
    let mut left = exponent.unsigned_abs();
    let (mut square, mut power) = (base, Ratio::from_integer(1));
    loop {
        if left & 1 == 1 {
            power = power.checked_mul(&square)?;
        }
        left >>= 1;
        if left == 0 {
            break;
        }
        square = square.checked_mul(&square)?;
    }
    if exponent < 0 {
        Ratio::from_integer(1).checked_div(&power)
    } else {
        Some(power)
    }
}

fn parse_exact(text: &str) -> Option<Number> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let exponent = exponent.parse::<i32>().ok()?;
    let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let scale = 10_i128.checked_pow(exponent.unsigned_abs())?;
    if digits > PART_MAX || scale > PART_MAX {
        return None;
    }
    let ratio = if exponent < 0 {
        Ratio::new(digits, scale)
    } else {
        Ratio::from_integer(digits).checked_mul(&Ratio::from_integer(scale))?
    };
    Some(Number::of(ratio))
}
