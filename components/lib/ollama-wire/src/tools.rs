//! `tools`: what the model may call.

use gyre_chat_wire::{ApiError, Fields, Tool};
use serde_json::Value;

const TOOLS_MAX: usize = 128;
const NO_PARAMETERS: &str = r#"{"properties":{},"type":"object"}"#;

pub(crate) fn read(fields: &Fields<'_>) -> Result<Vec<Tool>, ApiError> {
    let items = fields.array("tools", TOOLS_MAX)?.map(Vec::as_slice);
    let tool = |(index, item): (usize, &Value)| tool(&Fields::of(item, &format!("tools[{index}]"))?);
    items.unwrap_or_default().iter().enumerate().map(tool).collect()
}

fn tool(item: &Fields<'_>) -> Result<Tool, ApiError> {
    // Older clients leave the type out.
    if item.string("type")?.is_some_and(|kind| kind != "function") {
        return Err(item.refuse("type", "must be \"function\""));
    }
    let function = item.object("function")?;
    let function = function.ok_or_else(|| item.refuse("function", "is missing"))?;
    function.object("parameters")?;
    Ok(Tool {
        name: function.required("name")?.to_owned(),
        description: function.string("description")?.unwrap_or_default().to_owned(),
        parameters: function
            .get("parameters")
            .map_or_else(|| NO_PARAMETERS.to_owned(), Value::to_string),
    })
}
