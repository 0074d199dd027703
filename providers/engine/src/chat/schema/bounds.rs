//! Which bounds of integers may become grammars. Pure.

use minijinja::Value;

use super::member;

/// Bounds of integers: their digits are spelled out, and beyond 64 bits they overflow.
const BOUND_MAX: f64 = 1e15;

/// Checks the bounds of a schema; fails with what is wrong with them, as the end of a sentence.
pub(super) fn check(schema: &Value) -> Result<(), String> {
    let mut values = Vec::new();
    for key in ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] {
        let Some(value) = member(schema, key) else {
            continue;
        };
        let number = f64::try_from(value).unwrap_or(f64::INFINITY);
        if number.is_nan() || number.abs() > BOUND_MAX {
            return Err(format!(
                "has a `{key}` that is no number of at most 15 digits: lower it or leave it out"
            ));
        }
        values.push((key.to_lowercase().contains("min"), number));
    }
    let low = values
        .iter()
        .filter(|(min, _)| *min)
        .map(|(_, it)| *it)
        .fold(f64::MIN, f64::max);
    let high = values
        .iter()
        .filter(|(min, _)| !*min)
        .map(|(_, it)| *it)
        .fold(f64::MAX, f64::min);
    if low > high {
        return Err("has a minimum above its maximum: no number is both".to_owned());
    }
    Ok(())
}
