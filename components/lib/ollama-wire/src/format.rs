//! `format`: `""`, `"json"`, or a JSON Schema.

use gyre_chat_wire::{ApiError, Fields, Format};
use serde_json::Value;

pub(crate) fn read(fields: &Fields<'_>) -> Result<Format, ApiError> {
    match fields.get("format") {
        None => Ok(Format::Text),
        Some(Value::String(name)) if name.is_empty() => Ok(Format::Text),
        Some(Value::String(name)) if name == "json" => Ok(Format::JsonObject),
        Some(schema @ Value::Object(_)) => Ok(Format::JsonSchema(schema.to_string())),
        Some(_) => Err(fields.refuse("format", "must be \"json\" or a JSON Schema")),
    }
}
