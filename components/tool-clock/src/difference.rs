//! The tool `date_difference`: how far two days are apart.

use crate::Answer;
use crate::arguments::{ARGUMENT_BYTES_MAX, ArgumentError, parse, shown};
use jiff::Unit;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

/// Its name.
pub const NAME: &str = "date_difference";

/// What it does, for models.
pub const DESCRIPTION: &str = "Counts the days from one date to another, and says the same in years, months and days. Dates are year-month-day. \
     It is negative when the second date comes first.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    from: String,
    to: String,
}

/// JSON Schema of the arguments.
#[must_use]
pub fn input_schema() -> String {
    let date = json!({ "type": "string", "format": "date", "maxLength": ARGUMENT_BYTES_MAX });
    json!({
        "type": "object",
        "properties": { "from": date, "to": date },
        "required": ["from", "to"],
        "additionalProperties": false,
    })
    .to_string()
}

/// JSON Schema of the structured answer.
#[must_use]
pub fn output_schema() -> String {
    let count = json!({ "type": "integer" });
    json!({
        "type": "object",
        "properties": {
            "days_in_all": count, "years": count, "months": count, "days": count,
            "from_weekday": { "type": "string" }, "to_weekday": { "type": "string" },
        },
        "required": ["days_in_all", "years", "months", "days", "from_weekday", "to_weekday"],
        "additionalProperties": false,
    })
    .to_string()
}

/// Counts.
pub fn difference(arguments: &str) -> Result<Answer, ArgumentError> {
    let example = r#"{"from": "2026-01-31", "to": "2026-03-01"}"#;
    let Arguments { from, to } = parse(arguments, example)?;
    let (first, second) = (date(&from)?, date(&to)?);
    let whole = |_: jiff::Error| ArgumentError::Date(shown(&to));
    let days = first.until((Unit::Day, second)).map_err(whole)?.get_days();
    let span = first.until((Unit::Year, second)).map_err(whole)?;
    let (years, months, rest) = (span.get_years(), span.get_months(), span.get_days());
    let weekday = |date: Date| date.strftime("%A").to_string();
    let structured = json!({
        "days_in_all": days, "years": years, "months": months, "days": rest,
        "from_weekday": weekday(first), "to_weekday": weekday(second),
    });
    Ok(Answer {
        text: format!(
            "{days} days from {} {first} to {} {second}: {years} years, {months} months, {rest} days",
            weekday(first),
            weekday(second)
        ),
        structured: structured.to_string(),
    })
}

fn date(text: &str) -> Result<Date, ArgumentError> {
    let wrong = || ArgumentError::Date(shown(text));
    // A time of day would be dropped in silence.
    let shape =
        text.len() <= ARGUMENT_BYTES_MAX && text.bytes().all(|sign| sign.is_ascii_digit() || sign == b'-');
    if !shape {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}
