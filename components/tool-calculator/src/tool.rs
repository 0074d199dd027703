//! The tool `calculate`: its spec, its arguments and its answer, as text and JSON. Pure.

use crate::expression;
use crate::limits::EXPRESSION_BYTES_MAX;
use serde::Deserialize;
use serde_json::json;

/// Its name.
pub const CALCULATE: &str = "calculate";

/// What it does, for models.
pub const DESCRIPTION: &str = "Calculates an arithmetic expression exactly where it can. Use it for every calculation instead of doing it \
     yourself. Operators + - * / % (remainder) ^ (power), parentheses; functions sqrt, cbrt, abs, round, floor, ceil, trunc, exp, ln, \
     log2, log10, sin, cos, tan, asin, acos, atan (radians), min, max; constants pi, tau, e.";

/// What it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The value alone.
    pub text: String,
    /// The value, and whether it is exact.
    pub structured: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    expression: String,
}

/// JSON Schema of the arguments.
#[must_use]
pub fn input_schema() -> String {
    let expression = json!({
        "type": "string", "minLength": 1, "maxLength": EXPRESSION_BYTES_MAX,
        "description": "for example: (17.5 + 2) * 3^2 / sqrt(2)",
    });
    json!({
        "type": "object",
        "properties": { "expression": expression },
        "required": ["expression"],
        "additionalProperties": false,
    })
    .to_string()
}

/// JSON Schema of the structured answer.
#[must_use]
pub fn output_schema() -> String {
    json!({
        "type": "object",
        "properties": {
            "value": { "type": "number" },
            "exact": { "type": "boolean", "description": "false: rounded to 15 digits" },
        },
        "required": ["value", "exact"],
        "additionalProperties": false,
    })
    .to_string()
}

/// Calculates; fails with what is wrong with the arguments.
pub fn calculate(arguments: &str) -> Result<Answer, String> {
    let Arguments { expression } = serde_json::from_str(arguments).map_err(|error| {
        format!(r#"the arguments do not fit: {error}; hint: send {{"expression": "2 + 3"}}"#)
    })?;
    let value = expression::evaluate(&expression).map_err(|error| error.to_string())?;
    let (value, exact) = value.to_json();
    Ok(Answer {
        text: value.to_string(),
        structured: json!({ "value": value, "exact": exact }).to_string(),
    })
}
