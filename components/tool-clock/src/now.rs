//! The tool `now`: what time it is, here and there.

use crate::Answer;
use crate::arguments::{ARGUMENT_BYTES_MAX, ArgumentError, parse, shown};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde::Deserialize;
use serde_json::json;

/// Its name.
pub const NAME: &str = "now";

/// What it does, for models.
pub const DESCRIPTION: &str = "Tells the current date, time and day of the week, in UTC and in a time zone. Use it whenever an answer depends on \
     today's date or the time of day.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    #[serde(default)]
    time_zone: Option<String>,
}

/// JSON Schema of the arguments.
#[must_use]
pub fn input_schema() -> String {
    let time_zone = json!({
        "type": "string", "minLength": 1, "maxLength": ARGUMENT_BYTES_MAX,
        "description": "IANA name, for example Europe/Berlin; UTC unless given",
    });
    json!({ "type": "object", "properties": { "time_zone": time_zone }, "additionalProperties": false })
        .to_string()
}

/// JSON Schema of the structured answer.
#[must_use]
pub fn output_schema() -> String {
    json!({
        "type": "object",
        "properties": {
            "utc": { "type": "string", "description": "RFC 3339" },
            "local": { "type": "string", "description": "RFC 3339, with the offset of the time zone" },
            "time_zone": { "type": "string" },
            "unix_ms": { "type": "integer" },
            "weekday": { "type": "string", "description": "in the time zone" },
        },
        "required": ["utc", "local", "time_zone", "unix_ms", "weekday"],
        "additionalProperties": false,
    })
    .to_string()
}

/// Tells the time that `unix_ms` is.
pub fn now(arguments: &str, unix_ms: i64) -> Result<Answer, ArgumentError> {
    let Arguments { time_zone } = parse(arguments, r#"{"time_zone": "Europe/Berlin"}"#)?;
    let zone = zone(time_zone.as_deref().unwrap_or("UTC"))?;
    let time = Timestamp::from_millisecond(unix_ms)
        .and_then(|time| time.round(Unit::Second))
        .map_err(|_| ArgumentError::Clock)?;
    let local = time.to_zoned(zone);
    let name = local.time_zone().iana_name().unwrap_or("UTC").to_owned();
    let weekday = local.strftime("%A").to_string();
    let in_zone = local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let structured = json!({
        "utc": time.to_string(),
        "local": in_zone,
        "time_zone": name,
        "unix_ms": unix_ms,
        "weekday": weekday,
    });
    Ok(Answer {
        text: format!("{weekday}, {in_zone} ({name}); UTC: {time}"),
        structured: structured.to_string(),
    })
}

fn zone(name: &str) -> Result<TimeZone, ArgumentError> {
    let unknown = || ArgumentError::TimeZone(shown(name));
    if name.len() > ARGUMENT_BYTES_MAX {
        return Err(unknown());
    }
    TimeZone::get(name).map_err(|_| unknown())
}
