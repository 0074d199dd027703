//! Requests for answers.

use crate::contents;
use gyre_chat_wire::{ApiError, ChatRequest, Failure, Format, Sampling, Tool, ToolChoice};
use serde_json::{Map, Value, json};

/// Texts that may end an answer, as the API has it.
const STOPS_MAX: usize = 5;

/// The body of a request; whether it is for a stream is a matter of its path.
///
/// What the API has no field for is refused by name. A tenant and an urgency are wishes, and stay here; a deadline is
/// the caller's to keep.
pub fn request_json(request: &ChatRequest) -> Result<Vec<u8>, ApiError> {
    refuse_unsupported(request)?;
    let conversation = contents::read(&request.model, &request.messages)?;
    let mut body = json!({ "contents": conversation.contents });
    if !conversation.system.is_empty() {
        body["systemInstruction"] = json!({ "parts": conversation.system });
    }
    if !request.tools.is_empty() {
        let tools = request
            .tools
            .iter()
            .enumerate()
            .map(|(index, tool)| tool_json(index, tool));
        let tools: Vec<Value> = tools.collect::<Result<_, _>>()?;
        body["tools"] = json!([{ "functionDeclarations": tools }]);
    }
    if let Some(config) = calling_json(&request.tool_choice) {
        body["toolConfig"] = json!({ "functionCallingConfig": config });
    }
    let generation = generation_json(request)?;
    if !generation.is_empty() {
        body["generationConfig"] = Value::Object(generation);
    }
    Ok(body.to_string().into_bytes())
}

fn refuse_unsupported(request: &ChatRequest) -> Result<(), ApiError> {
    let budget = &request.budget;
    let asked = [
        (request.sampling.min_p.is_some(), "min_p"),
        (!request.sampling.logit_bias.is_empty(), "logit_bias"),
        (request.adapter.is_some(), "adapter"),
        (budget.total_tokens.is_some(), "budget.total_tokens"),
        (budget.cost_micros_max.is_some(), "budget.cost_micros_max"),
        (budget.time_ms_max.is_some(), "budget.time_ms_max"),
    ];
    match asked.iter().find(|(asked, _)| *asked) {
        None => Ok(()),
        Some((_, name)) => Err(unsupported(
            name,
            "of this kind; hint: leave it out, or name a model of another provider",
        )),
    }
}

fn tool_json(index: usize, tool: &Tool) -> Result<Value, ApiError> {
    let schema = object(&tool.parameters, &format!("tools[{index}].function.parameters"))?;
    let mut json = json!({ "name": tool.name, "parametersJsonSchema": schema });
    if !tool.description.is_empty() {
        json["description"] = json!(tool.description);
    }
    Ok(json)
}

fn calling_json(choice: &ToolChoice) -> Option<Value> {
    match choice {
        ToolChoice::Auto => None,
        ToolChoice::Required => Some(json!({ "mode": "ANY" })),
        ToolChoice::Tool(name) => Some(json!({ "mode": "ANY", "allowedFunctionNames": [name] })),
    }
}

fn generation_json(request: &ChatRequest) -> Result<Map<String, Value>, ApiError> {
    let Sampling {
        temperature,
        top_p,
        top_k,
        seed,
        min_p: _,
        frequency_penalty,
        presence_penalty,
        logit_bias: _,
        logprobs,
    } = &request.sampling;
    if request.stop.len() > STOPS_MAX {
        let what = format!("of more than {STOPS_MAX} texts; hint: send fewer");
        return Err(unsupported("stop", &what));
    }
    let number = |number: &Option<f32>| number.map(|it| json!(it));
    let (media_type, schema) = match &request.format {
        Format::Text => (None, None),
        Format::JsonObject => (Some(json!("application/json")), None),
        Format::JsonSchema(schema) => {
            let schema = object(schema, "response_format.json_schema.schema")?;
            (Some(json!("application/json")), Some(schema))
        }
    };
    let optional = [
        ("temperature", number(temperature)),
        ("topP", number(top_p)),
        ("topK", top_k.map(|it| json!(it))),
        ("seed", seed.map(seed_json).transpose()?),
        ("frequencyPenalty", number(frequency_penalty)),
        ("presencePenalty", number(presence_penalty)),
        ("responseLogprobs", logprobs.map(|_| json!(true))),
        ("logprobs", logprobs.filter(|top| *top > 0).map(|top| json!(top))),
        (
            "stopSequences",
            (!request.stop.is_empty()).then(|| json!(request.stop)),
        ),
        ("maxOutputTokens", request.max_tokens.map(|it| json!(it))),
        ("responseMimeType", media_type),
        ("responseJsonSchema", schema),
    ];
    let given = optional.into_iter();
    Ok(given
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect())
}

/// The API's seeds have 32 bits and a sign; cutting a longer one would make two seeds the same.
fn seed_json(seed: u64) -> Result<Value, ApiError> {
    let seed = i32::try_from(seed.cast_signed());
    let seed = seed.map_err(|_| unsupported("seed", "of more than 32 bits; hint: send a smaller one"))?;
    Ok(json!(seed))
}

fn object(text: &str, name: &str) -> Result<Value, ApiError> {
    let value = serde_json::from_str(text).ok().filter(Value::is_object);
    value.ok_or_else(|| ApiError::invalid(name, format!("`{name}` must be a JSON object")))
}

fn unsupported(name: &str, what: &str) -> ApiError {
    let text = format!("Gemini's API, which serves this model, has no `{name}` {what}");
    ApiError::from(Failure::Unsupported(text)).with_param(name)
}
