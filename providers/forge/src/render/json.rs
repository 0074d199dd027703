//! JSON with the spaces of Python's `json.dumps`, as the engine's `tojson` writes it.

use std::io::{self, Write};

use minijinja::value::{Kwargs, Value};
use minijinja::{Error, ErrorKind};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

/// The filter `tojson`.
pub(super) fn to_json(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let spaces = " ".repeat(indent.unwrap_or_default().min(16));
    let bytes = match indent {
        Some(_) => written(value, PrettyFormatter::with_indent(spaces.as_bytes())),
        None => written(value, Spaced),
    };
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(unwritten));
    text.map(Value::from_safe_string)
}

fn written(value: &Value, formatter: impl Formatter) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, formatter);
    value.serialize(&mut serializer).map_err(unwritten)?;
    Ok(bytes)
}

fn unwritten(error: impl ToString) -> Error {
    Error::new(ErrorKind::BadSerialization, error.to_string())
}

/// A space after each comma and each colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        to.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        to.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(b": ")
    }
}
