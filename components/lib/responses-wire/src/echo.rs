//! What every answer repeats of its request. Clients need these members to be there.

use gyre_chat_wire::{ApiError, ChatRequest, Fields, Priority};
use serde_json::{Map, Value, json};

const METADATA_MAX: usize = 16;
const METADATA_KEY_CHARS_MAX: usize = 64;
const METADATA_VALUE_CHARS_MAX: usize = 512;
/// A name for who asks or for what is cached alike.
const NAME_CHARS_MAX: usize = 512;

/// Members of a response that come from its request.
#[derive(Debug, Clone, PartialEq)]
pub struct Echo {
    members: Map<String, Value>,
    parallel: bool,
}

impl Echo {
    /// Whether more than one tool may be called in one answer. Where not, only the first call is answered.
    #[must_use]
    pub fn parallel_tool_calls(&self) -> bool {
        self.parallel
    }

    /// Puts the members into a response.
    pub(crate) fn write(&self, response: &mut Map<String, Value>) {
        response.extend(self.members.clone());
    }

    pub(crate) fn set_kept(&mut self, previous: Option<String>, kept: bool) {
        self.members
            .insert("previous_response_id".into(), json!(previous));
        self.members.insert("store".into(), json!(kept));
    }
}

/// Reads them. `chat` is what was understood of the same request.
pub(crate) fn read(fields: &Fields<'_>, chat: &ChatRequest) -> Result<Echo, ApiError> {
    let given = |name: &str| fields.get(name).cloned().unwrap_or(Value::Null);
    let parallel = match fields.get("parallel_tool_calls") {
        None => true,
        Some(_) => fields.flag("parallel_tool_calls")?,
    };
    fields.count("max_tool_calls")?;
    for name in ["prompt_cache_key", "safety_identifier", "user"] {
        let text = fields.string(name)?.unwrap_or_default();
        if text.chars().count() > NAME_CHARS_MAX {
            return Err(fields.refuse(name, &format!("may take {NAME_CHARS_MAX} characters")));
        }
    }
    let members = json!({
        "background": false,
        "instructions": given("instructions"),
        "max_output_tokens": given("max_output_tokens"),
        // It bounds the calls of tools that run on the server, of which there are none.
        "max_tool_calls": given("max_tool_calls"),
        "metadata": metadata(fields)?,
        "parallel_tool_calls": parallel,
        "previous_response_id": null,
        "prompt_cache_key": given("prompt_cache_key"),
        "reasoning": { "effort": null, "summary": null },
        "safety_identifier": given("safety_identifier"),
        "service_tier": match chat.priority {
            Priority::Low => "flex",
            Priority::Normal => "default",
            Priority::High => "priority",
        },
        "store": false,
        "temperature": given("temperature"),
        "text": text(fields)?,
        "tool_choice": fields.get("tool_choice").cloned().unwrap_or_else(|| json!("auto")),
        "tools": tools(fields),
        "top_logprobs": chat.sampling.logprobs.unwrap_or_default(),
        "top_p": given("top_p"),
        "truncation": "disabled",
        "user": given("user"),
    });
    match members {
        Value::Object(members) => Ok(Echo { members, parallel }),
        _ => Err(ApiError::new(
            500,
            "internal",
            "the echo of a request is no object",
        )),
    }
}

fn text(fields: &Fields<'_>) -> Result<Value, ApiError> {
    let given = match fields.object("text")? {
        Some(text) => text.get("format").cloned(),
        None => None,
    };
    let format = given.unwrap_or_else(|| json!({ "type": "text" }));
    Ok(json!({ "format": format, "verbosity": "medium" }))
}

/// As they were given, with the members that clients need.
fn tools(fields: &Fields<'_>) -> Value {
    let listed = fields.get("tools").and_then(Value::as_array);
    let one = |tool: &Value| {
        json!({
            "type": "function",
            "name": tool["name"],
            "description": tool["description"],
            "parameters": tool["parameters"],
            "strict": tool["strict"],
        })
    };
    listed.into_iter().flatten().map(one).collect()
}

fn metadata(fields: &Fields<'_>) -> Result<Value, ApiError> {
    let pairs = match fields.get("metadata") {
        None => return Ok(json!({})),
        Some(Value::Object(pairs)) => pairs,
        Some(_) => return Err(fields.refuse("metadata", "must be an object")),
    };
    let short = |text: &str, chars_max: usize| text.chars().count() <= chars_max;
    let fine = pairs.len() <= METADATA_MAX
        && pairs.iter().all(|(key, value)| {
            short(key, METADATA_KEY_CHARS_MAX)
                && value
                    .as_str()
                    .is_some_and(|it| short(it, METADATA_VALUE_CHARS_MAX))
        });
    if fine {
        return Ok(Value::Object(pairs.clone()));
    }
    let what = "may hold 16 pairs, keys of 64 and texts of 512 characters at most";
    Err(fields.refuse("metadata", what))
}
