//! Requests for completions, as servers read them.

use crate::error::ApiError;
use crate::fields::{Fields, parse_body};
use crate::types::{ChatRequest, Format, Tool, ToolChoice};
use crate::{behalf, budget, message, sampling};
use serde_json::Value;

const TOOLS_MAX: usize = 128;
const STOPS_MAX: usize = 16;

/// Reads the body of `POST /v1/chat/completions`. Fields it does not know are tolerated.
pub fn parse_chat(body: &[u8]) -> Result<ChatRequest, ApiError> {
    let value = parse_body(body)?;
    let fields = Fields::of(&value, "")?;
    refuse_unsupported(&fields)?;
    let tools = if fields.get("tool_choice").and_then(Value::as_str) == Some("none") {
        Vec::new()
    } else {
        tools(&fields)?
    };
    Ok(ChatRequest {
        model: fields.required("model")?.to_owned(),
        messages: message::read(&fields)?,
        tool_choice: tool_choice(&fields, &tools)?,
        tools,
        format: format(&fields)?,
        sampling: sampling::read(&fields)?,
        stop: stop(&fields)?,
        max_tokens: match fields.count("max_completion_tokens")? {
            Some(count) => Some(count),
            None => fields.count("max_tokens")?,
        },
        budget: budget::read(&fields)?,
        adapter: behalf::adapter(&fields)?,
        tenant: behalf::tenant(&fields)?,
        priority: behalf::priority(&fields)?,
        stream: fields.flag("stream")?,
        include_usage: match fields.object("stream_options")? {
            Some(options) => options.flag("include_usage")?,
            None => false,
        },
    })
}

/// Which model a request to any `/v1` path names; the rest of the body is not looked at.
pub fn requested_model(body: &[u8]) -> Result<String, ApiError> {
    let value = parse_body(body)?;
    Fields::of(&value, "")?.required("model").map(str::to_owned)
}

/// Reads what Gyre adds to every face by the same names, from the top level of a request's body into `request`: `budget`,
/// `adapter`, `tenant`, and OpenAI's `service_tier`.
pub fn read_extensions(fields: &Fields<'_>, request: &mut ChatRequest) -> Result<(), ApiError> {
    request.budget = budget::read(fields)?;
    request.adapter = behalf::adapter(fields)?;
    request.tenant = behalf::tenant(fields)?;
    request.priority = behalf::priority(fields)?;
    Ok(())
}

fn refuse_unsupported(fields: &Fields<'_>) -> Result<(), ApiError> {
    if fields.get("n").is_some_and(|n| n.as_u64() != Some(1)) {
        return Err(fields.refuse(
            "n",
            "must be 1: one completion a request; hint: send the request again for another",
        ));
    }
    Ok(())
}

fn tool_choice(fields: &Fields<'_>, tools: &[Tool]) -> Result<ToolChoice, ApiError> {
    let choice = match fields.get("tool_choice") {
        None => return Ok(ToolChoice::Auto),
        Some(Value::String(choice)) => match choice.as_str() {
            // Where none may be called, none is offered.
            "auto" | "none" => return Ok(ToolChoice::Auto),
            "required" => ToolChoice::Required,
            _ => {
                let what = "must be \"auto\", \"none\", \"required\" or a function";
                return Err(fields.refuse("tool_choice", what));
            }
        },
        Some(_) => ToolChoice::Tool(chosen_tool(fields)?.to_owned()),
    };
    let offered = match &choice {
        ToolChoice::Tool(name) => tools.iter().any(|tool| tool.name == *name),
        _ => !tools.is_empty(),
    };
    if offered {
        return Ok(choice);
    }
    Err(fields.refuse(
        "tool_choice",
        "names no tool that is offered; hint: list it in `tools`",
    ))
}

fn chosen_tool<'a>(fields: &Fields<'a>) -> Result<&'a str, ApiError> {
    let named = match fields.object("tool_choice")? {
        Some(choice) => choice.object("function")?,
        None => None,
    };
    named
        .ok_or_else(|| {
            fields.refuse(
                "tool_choice",
                "must name a function, as in {\"type\":\"function\",\"function\":{\"name\":\"…\"}}",
            )
        })?
        .required("name")
}

fn tools(fields: &Fields<'_>) -> Result<Vec<Tool>, ApiError> {
    let items = fields
        .array("tools", TOOLS_MAX)?
        .map(Vec::as_slice)
        .unwrap_or_default();
    items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let tool = Fields::of(item, &format!("tools[{index}]"))?;
            if tool.required("type")? != "function" {
                return Err(tool.refuse("type", "must be \"function\""));
            }
            let function = tool
                .object("function")?
                .ok_or_else(|| tool.refuse("function", "is missing"))?;
            function.object("parameters")?;
            Ok(Tool {
                name: function.required("name")?.to_owned(),
                description: function.string("description")?.unwrap_or_default().to_owned(),
                parameters: function.get("parameters").map_or_else(
                    || r#"{"properties":{},"type":"object"}"#.to_owned(),
                    Value::to_string,
                ),
            })
        })
        .collect()
}

fn format(fields: &Fields<'_>) -> Result<Format, ApiError> {
    let Some(format) = fields.object("response_format")? else {
        return Ok(Format::Text);
    };
    match format.required("type")? {
        "text" => Ok(Format::Text),
        "json_object" => Ok(Format::JsonObject),
        "json_schema" => {
            let named = format
                .object("json_schema")?
                .ok_or_else(|| format.refuse("json_schema", "is missing"))?;
            named.object("schema")?;
            let schema = named
                .get("schema")
                .ok_or_else(|| named.refuse("schema", "is missing"))?;
            Ok(Format::JsonSchema(schema.to_string()))
        }
        _ => Err(format.refuse("type", "must be text, json_object or json_schema")),
    }
}

fn stop(fields: &Fields<'_>) -> Result<Vec<String>, ApiError> {
    let texts = match fields.get("stop") {
        None => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(_) => fields
            .array("stop", STOPS_MAX)?
            .into_iter()
            .flatten()
            .map(|item| {
                item.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| fields.refuse("stop", "must hold strings"))
            })
            .collect::<Result<_, _>>()?,
    };
    if texts.iter().any(String::is_empty) {
        return Err(fields.refuse("stop", "may not hold an empty string"));
    }
    Ok(texts)
}
