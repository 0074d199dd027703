//! `text`: the shape of the answer.

use gyre_chat_wire::{ApiError, Fields, Format};

const NAME_BYTES_MAX: usize = 64;

/// Reads it.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Format, ApiError> {
    let Some(text) = fields.object("text")? else {
        return Ok(Format::Text);
    };
    if text.string("verbosity")?.is_some_and(|it| it != "medium") {
        let what =
            "must be medium: how much a model says is not set here; hint: ask for it in `instructions`";
        return Err(text.refuse("verbosity", what));
    }
    let Some(format) = text.object("format")? else {
        return Ok(Format::Text);
    };
    match format.required("type")? {
        "text" => Ok(Format::Text),
        "json_object" => Ok(Format::JsonObject),
        "json_schema" => schema(&format),
        _ => Err(format.refuse("type", "must be text, json_object or json_schema")),
    }
}

/// The schema always holds, `strict` or not.
fn schema(format: &Fields<'_>) -> Result<Format, ApiError> {
    let name = format.required("name")?;
    let fine = |it: u8| it.is_ascii_alphanumeric() || it == b'_' || it == b'-';
    if name.len() > NAME_BYTES_MAX || !name.bytes().all(fine) {
        let what = "must be 1 to 64 letters, digits, underscores or dashes";
        return Err(format.refuse("name", what));
    }
    format.flag("strict")?;
    format.string("description")?;
    format.object("schema")?;
    match format.get("schema") {
        Some(schema) => Ok(Format::JsonSchema(schema.to_string())),
        None => Err(format.refuse("schema", "is missing")),
    }
}
