//! What a message or a tool's output says: a text or a list of parts, all of them text.

use gyre_chat_wire::{ApiError, Fields};
use serde_json::Value;

const PARTS_MAX: usize = 256;

/// Reads the field. Parts are joined by line ends, as the chat wire joins them.
pub(crate) fn read(item: &Fields<'_>, field: &str) -> Result<String, ApiError> {
    match item.get(field) {
        None => return Err(item.refuse(field, "is missing")),
        Some(Value::String(text)) => return Ok(text.clone()),
        Some(_) => {}
    }
    let parts = item
        .array(field, PARTS_MAX)?
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut texts = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        texts.push(text(&Fields::of(
            part,
            &item.name(&format!("{field}[{index}]")),
        )?)?);
    }
    Ok(texts.join("\n"))
}

fn text<'a>(part: &Fields<'a>) -> Result<&'a str, ApiError> {
    let field = match part.required("type")? {
        "input_text" | "output_text" | "text" => "text",
        // What a model once refused to say is what it said.
        "refusal" => "refusal",
        _ => {
            let what =
                "must be input_text, output_text or refusal: images, audio and files are not supported";
            return Err(part.refuse("type", what));
        }
    };
    part.string(field)?
        .ok_or_else(|| part.refuse(field, "is missing"))
}
