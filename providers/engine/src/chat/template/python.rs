//! What templates expect of Python: its JSON, its dates.

use std::time::{SystemTime, UNIX_EPOCH};

use minijinja::value::{Kwargs, Value};
use minijinja::{Error, ErrorKind};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::bounded::Bounded;

/// Of one value as JSON: indented, a deep one grows a hundredfold.
const JSON_BYTES_MAX: usize = 32 * 1024 * 1024;
const DATE_BYTES_MAX: usize = 256;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The first day of 1970 was a Thursday.
const WEEKDAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];

/// Python's `json.dumps`: models were trained on its spaces, and it escapes nothing for HTML.
pub(super) fn to_json(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let spaces = " ".repeat(indent.unwrap_or_default().min(16));
    let bytes = match indent {
        Some(_) => write_json(value, PrettyFormatter::with_indent(spaces.as_bytes())),
        None => write_json(value, PythonFormatter),
    };
    let text = bytes.and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
    })?;
    Ok(Value::from_safe_string(text))
}

fn write_json(value: &Value, formatter: impl Formatter) -> Result<Vec<u8>, Error> {
    let mut written = Bounded::new(JSON_BYTES_MAX);
    value
        .serialize(&mut Serializer::with_formatter(&mut written, formatter))
        .map_err(|error| match error.io_error_kind() {
            Some(_) => Error::new(ErrorKind::WriteFailure, "a value is too large as JSON"),
            None => Error::new(ErrorKind::BadSerialization, error.to_string()),
        })?;
    Ok(written.bytes)
}

struct PythonFormatter;

impl Formatter for PythonFormatter {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { to.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { to.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, to: &mut W) -> std::io::Result<()> {
        to.write_all(b": ")
    }
}

/// Python's `strftime` of this moment, in UTC. What it does not know is shown as it is.
pub(super) fn strftime_now(format: String) -> Result<String, Error> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    if format.len() > DATE_BYTES_MAX {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "the date format is too long",
        ));
    }
    Ok(strftime(&format, now))
}

fn strftime(format: &str, seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    let (month_name, weekday) = (MONTHS[month - 1], WEEKDAYS[(days % 7) as usize]);
    let mut text = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let mut code = characters.next();
        let padded = code != Some('-');
        if !padded {
            code = characters.next();
        }
        let number = |value: u64| match padded {
            true => format!("{value:02}"),
            false => value.to_string(),
        };
        text += &match code {
            Some('Y') => year.to_string(),
            Some('y') => number(year % 100),
            Some('m') => number(month as u64),
            Some('d') => number(day),
            Some('H') => number(hour),
            Some('I') => number((hour + 11) % 12 + 1),
            Some('p') => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            Some('M') => number(minute),
            Some('S') => number(second % 60),
            Some('B') => month_name.to_owned(),
            Some('b') => month_name[..3].to_owned(),
            Some('A') => weekday.to_owned(),
            Some('a') => weekday[..3].to_owned(),
            Some('%') => "%".to_owned(),
            Some(other) => format!("%{other}"),
            None => "%".to_owned(),
        };
    }
    text
}

/// Year, month and day of a day since 1970.
fn date(mut days: u64) -> (u64, usize, u64) {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_python_writes_them() {
        for (seconds, format, expected) in [
            (0, "%d %b %Y", "01 Jan 1970"),
            (
                1_709_164_799,
                "%Y-%m-%d %H:%M:%S %A %p",
                "2024-02-28 23:59:59 Wednesday PM",
            ),
            (1_709_164_800, "%-d %B %y, %a %I", "29 February 24, Thu 12"),
            (1_735_689_599, "%d.%m.%Y", "31.12.2024"),
            (1_735_689_600, "%Y%% %q %", "2025% %q %"),
        ] {
            assert_eq!(strftime(format, seconds), expected, "{format}");
        }
    }
}
