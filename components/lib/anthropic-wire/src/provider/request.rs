//! Requests for messages.

use super::turns;
use gyre_chat_wire::{ApiError, ChatRequest, Failure, Format, Sampling, Tool, ToolChoice};
use serde_json::{Map, Value, json};

/// The body of a request. The API wants a bound on tokens; `max_tokens_default` stands in where there is none.
///
/// What the API has no field for is refused by name. A tenant and an urgency are wishes, and stay here; a deadline is
/// the caller's to keep.
pub fn request_json(request: &ChatRequest, max_tokens_default: u32) -> Result<Vec<u8>, ApiError> {
    refuse_unsupported(request)?;
    let conversation = turns::read(&request.messages)?;
    let max_tokens = request.max_tokens.unwrap_or(max_tokens_default);
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert("max_tokens".into(), json!(max_tokens));
    body.insert("messages".into(), Value::Array(conversation.messages));
    let tools: Vec<Value> = request
        .tools
        .iter()
        .enumerate()
        .map(|(index, tool)| tool_json(index, tool))
        .collect::<Result<_, _>>()?;
    let sampling = &request.sampling;
    let number = |number: Option<f32>| number.map(|it| json!(it));
    let optional = [
        ("system", some(conversation.system)),
        ("tools", some(tools)),
        ("tool_choice", choice_json(&request.tool_choice)),
        ("output_config", format_json(&request.format)?),
        ("temperature", number(sampling.temperature)),
        ("top_p", number(sampling.top_p)),
        ("top_k", sampling.top_k.map(|it| json!(it))),
        (
            "stop_sequences",
            (!request.stop.is_empty()).then(|| json!(request.stop)),
        ),
        ("stream", request.stream.then_some(Value::Bool(true))),
    ];
    let given = optional.into_iter();
    body.extend(given.filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Ok(Value::Object(body).to_string().into_bytes())
}

fn some(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then_some(Value::Array(items))
}

fn refuse_unsupported(request: &ChatRequest) -> Result<(), ApiError> {
    let Sampling {
        temperature,
        top_p: _,
        top_k: _,
        seed,
        min_p,
        frequency_penalty,
        presence_penalty,
        logit_bias,
        logprobs,
    } = &request.sampling;
    let nothing = |penalty: &Option<f32>| penalty.is_none_or(|it| it == 0.0);
    let budget = &request.budget;
    let asked = [
        (seed.is_some(), "seed"),
        (min_p.is_some(), "min_p"),
        (!nothing(frequency_penalty), "frequency_penalty"),
        (!nothing(presence_penalty), "presence_penalty"),
        (!logit_bias.is_empty(), "logit_bias"),
        (logprobs.is_some(), "logprobs"),
        (request.adapter.is_some(), "adapter"),
        (budget.total_tokens.is_some(), "budget.total_tokens"),
        (budget.cost_micros_max.is_some(), "budget.cost_micros_max"),
        (budget.time_ms_max.is_some(), "budget.time_ms_max"),
    ];
    if let Some((_, name)) = asked.iter().find(|(asked, _)| *asked) {
        return Err(unsupported(
            name,
            "like this; hint: leave it out, or name a model of another provider",
        ));
    }
    if temperature.is_some_and(|it| it > 1.0) {
        return Err(unsupported("temperature", "above 1; hint: send one from 0 to 1"));
    }
    Ok(())
}

fn format_json(format: &Format) -> Result<Option<Value>, ApiError> {
    match format {
        Format::Text => Ok(None),
        Format::JsonObject => Err(unsupported(
            "response_format",
            "json_object; hint: send a schema with json_schema",
        )),
        Format::JsonSchema(schema) => {
            let schema = object(schema, "response_format.json_schema.schema")?;
            Ok(Some(
                json!({ "format": { "type": "json_schema", "schema": schema } }),
            ))
        }
    }
}

fn tool_json(index: usize, tool: &Tool) -> Result<Value, ApiError> {
    let schema = object(&tool.parameters, &format!("tools[{index}].function.parameters"))?;
    let mut json = json!({ "name": tool.name, "input_schema": schema });
    if !tool.description.is_empty() {
        json["description"] = json!(tool.description);
    }
    Ok(json)
}

fn choice_json(choice: &ToolChoice) -> Option<Value> {
    match choice {
        ToolChoice::Auto => None,
        ToolChoice::Required => Some(json!({ "type": "any" })),
        ToolChoice::Tool(name) => Some(json!({ "type": "tool", "name": name })),
    }
}

fn object(text: &str, name: &str) -> Result<Value, ApiError> {
    let value = serde_json::from_str(text).ok().filter(Value::is_object);
    value.ok_or_else(|| ApiError::invalid(name, format!("`{name}` must be a JSON object")))
}

fn unsupported(name: &str, what: &str) -> ApiError {
    let text = format!("Anthropic's API, which serves this model, has no `{name}` {what}");
    ApiError::from(Failure::Unsupported(text)).with_param(name)
}
