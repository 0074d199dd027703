//! `tools` and `tool_choice`.

use gyre_chat_wire::{ApiError, Fields, Tool, ToolChoice};
use serde_json::Value;

const TOOLS_MAX: usize = 128;
const NO_PARAMETERS: &str = r#"{"properties":{},"type":"object"}"#;

/// What the model may call, and whether it does.
#[derive(Debug, PartialEq)]
pub(crate) struct Tools {
    pub(crate) offered: Vec<Tool>,
    pub(crate) choice: ToolChoice,
}

pub(crate) fn read(fields: &Fields<'_>) -> Result<Tools, ApiError> {
    let items = fields.array("tools", TOOLS_MAX)?.map(Vec::as_slice);
    let mut listed: Vec<Tool> = Vec::new();
    for (index, item) in items.unwrap_or_default().iter().enumerate() {
        let item = Fields::of(item, &format!("tools[{index}]"))?;
        let tool = tool(&item)?;
        if listed.iter().any(|other| other.name == tool.name) {
            return Err(item.refuse("name", "is the name of an earlier tool too"));
        }
        listed.push(tool);
    }
    choose(fields, listed)
}

fn tool(item: &Fields<'_>) -> Result<Tool, ApiError> {
    if item.required("type")? != "function" {
        let what = "must be \"function\": tools of the server, such as web_search or mcp, do not run here";
        return Err(item.refuse("type", what));
    }
    if item.flag("defer_loading")? {
        return Err(item.refuse("defer_loading", "must be false: all tools are shown to the model"));
    }
    for (name, why) in [
        (
            "allowed_callers",
            "is not supported: the model calls tools, no program does",
        ),
        (
            "output_schema",
            "is not supported: the model is not shown it; hint: tell it in `description`",
        ),
    ] {
        if item.get(name).is_some() {
            return Err(item.refuse(name, why));
        }
    }
    item.flag("strict")?;
    item.object("parameters")?;
    Ok(Tool {
        name: item.required("name")?.to_owned(),
        description: item.string("description")?.unwrap_or_default().to_owned(),
        parameters: item
            .get("parameters")
            .map_or_else(|| NO_PARAMETERS.to_owned(), Value::to_string),
    })
}

fn choose(fields: &Fields<'_>, listed: Vec<Tool>) -> Result<Tools, ApiError> {
    let name = match fields.get("tool_choice") {
        None => "auto",
        Some(Value::String(name)) => name.as_str(),
        Some(_) => return by_object(fields, listed),
    };
    mode(fields, name, listed)
}

fn mode(fields: &Fields<'_>, mode: &str, offered: Vec<Tool>) -> Result<Tools, ApiError> {
    let choice = match mode {
        "auto" => ToolChoice::Auto,
        "required" if offered.is_empty() => return Err(not_offered(fields)),
        "required" => ToolChoice::Required,
        // Where none may be called, none is offered.
        "none" => {
            return Ok(Tools {
                offered: Vec::new(),
                choice: ToolChoice::Auto,
            });
        }
        _ => {
            let what = "must be auto, none, required, a function or allowed_tools";
            return Err(fields.refuse("tool_choice", what));
        }
    };
    Ok(Tools { offered, choice })
}

fn by_object(fields: &Fields<'_>, offered: Vec<Tool>) -> Result<Tools, ApiError> {
    let Some(choice) = fields.object("tool_choice")? else {
        return mode(fields, "auto", offered);
    };
    match choice.required("type")? {
        "function" => {
            let name = choice.required("name")?;
            if offered.iter().all(|tool| tool.name != name) {
                return Err(not_offered(fields));
            }
            Ok(Tools {
                offered,
                choice: ToolChoice::Tool(name.to_owned()),
            })
        }
        "allowed_tools" => {
            let allowed = allowed(&choice, offered)?;
            match choice.required("mode")? {
                name @ ("auto" | "required") => mode(fields, name, allowed),
                _ => Err(choice.refuse("mode", "must be auto or required")),
            }
        }
        _ => Err(choice.refuse(
            "type",
            "must be function or allowed_tools: no other tools run here",
        )),
    }
}

/// Only the tools that are allowed are offered.
fn allowed(choice: &Fields<'_>, mut listed: Vec<Tool>) -> Result<Vec<Tool>, ApiError> {
    let items = choice.array("tools", TOOLS_MAX)?.map(Vec::as_slice);
    let mut names = Vec::new();
    for (index, item) in items.unwrap_or_default().iter().enumerate() {
        let item = Fields::of(item, &choice.name(&format!("tools[{index}]")))?;
        if item.required("type")? != "function" {
            return Err(item.refuse("type", "must be \"function\""));
        }
        let name = item.required("name")?;
        if listed.iter().all(|tool| tool.name != name) {
            return Err(item.refuse("name", "is no tool of `tools`"));
        }
        names.push(name);
    }
    listed.retain(|tool| names.contains(&tool.name.as_str()));
    Ok(listed)
}

fn not_offered(fields: &Fields<'_>) -> ApiError {
    fields.refuse(
        "tool_choice",
        "names no tool that is offered; hint: list it in `tools`",
    )
}
