//! Tools that a request offers, and which of them may be called.

use gyre_chat_wire::{ApiError, Fields, Tool, ToolChoice};
use serde_json::Value;
use std::collections::HashSet;

const TOOLS_MAX: usize = 128;

/// Reads `tools`.
pub(super) fn read(fields: &Fields<'_>) -> Result<Vec<Tool>, ApiError> {
    let items = fields.array("tools", TOOLS_MAX)?.into_iter().flatten();
    let mut names = HashSet::new();
    items
        .enumerate()
        .map(|(index, item)| {
            let fields = Fields::of(item, &format!("tools[{index}]"))?;
            let tool = tool(&fields)?;
            if names.insert(tool.name.clone()) {
                Ok(tool)
            } else {
                Err(fields.refuse("name", "is the name of another tool too"))
            }
        })
        .collect()
}

fn tool(fields: &Fields<'_>) -> Result<Tool, ApiError> {
    if fields.string("type")?.is_some_and(|kind| kind != "custom") {
        return Err(fields.refuse(
            "type",
            "must be \"custom\": tools that Anthropic's servers run or define are not here; hint: give the tool a \
             `name` and an `input_schema`",
        ));
    }
    for promise in ["strict", "defer_loading"] {
        if fields.flag(promise)? {
            return Err(fields.refuse(promise, "is not kept by this server; hint: leave it out"));
        }
    }
    let direct = |caller: &Value| caller.as_str() == Some("direct");
    let callers = fields.array("allowed_callers", TOOLS_MAX)?;
    if !callers.is_none_or(|callers| callers.iter().all(direct)) {
        return Err(fields.refuse("allowed_callers", "must hold \"direct\" only"));
    }
    if fields.get("input_examples").is_some() {
        let what = "is not passed on here; hint: give the examples in `description`";
        return Err(fields.refuse("input_examples", what));
    }
    let name = fields.required("name")?;
    fields.object("input_schema")?;
    let schema = fields.get("input_schema");
    Ok(Tool {
        name: name.to_owned(),
        description: fields.string("description")?.unwrap_or_default().to_owned(),
        parameters: schema
            .ok_or_else(|| fields.refuse("input_schema", "is missing"))?
            .to_string(),
    })
}

/// Reads `tool_choice`: which tools are left to call, and whether one must be. Where none may be called, none is
/// offered.
pub(super) fn choose(fields: &Fields<'_>, tools: Vec<Tool>) -> Result<(Vec<Tool>, ToolChoice), ApiError> {
    let Some(choice) = fields.object("tool_choice")? else {
        return Ok((tools, ToolChoice::Auto));
    };
    let name = match choice.required("type")? {
        "auto" => return Ok((tools, ToolChoice::Auto)),
        "none" => return Ok((Vec::new(), ToolChoice::Auto)),
        "any" if tools.is_empty() => {
            return Err(choice.refuse("type", "needs a tool to call; hint: list one in `tools`"));
        }
        "any" => return Ok((tools, ToolChoice::Required)),
        "tool" => choice.required("name")?,
        _ => return Err(choice.refuse("type", "must be auto, any, tool or none")),
    };
    if tools.iter().any(|tool| tool.name == name) {
        return Ok((tools, ToolChoice::Tool(name.to_owned())));
    }
    Err(choice.refuse("name", "names no tool that is offered; hint: list it in `tools`"))
}

/// Reads `tool_choice.disable_parallel_tool_use`.
pub(super) fn single_use(fields: &Fields<'_>) -> Result<bool, ApiError> {
    match fields.object("tool_choice")? {
        Some(choice) => choice.flag("disable_parallel_tool_use"),
        None => Ok(false),
    }
}
