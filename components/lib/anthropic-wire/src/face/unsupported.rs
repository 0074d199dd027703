//! What the API has and no completion here can keep: refused by name. Anthropic refuses a field it does not know, so
//! that is done here too.

use gyre_chat_wire::{ApiError, Fields};
use serde_json::Value;

/// Refuses the first field of `body` that is not among `known`; null counts as absent.
pub(super) fn check_known(body: &Value, known: &[&str]) -> Result<(), ApiError> {
    let given = body.as_object().into_iter().flatten();
    let unknown = given
        .filter(|(_, value)| !value.is_null())
        .find(|(name, _)| !known.contains(&name.as_str()));
    let Some((name, _)) = unknown else {
        return Ok(());
    };
    let hint = match name.as_str() {
        "output_format" => "name the schema in `output_config.format`",
        "stop" => "it is `stop_sequences` here",
        "max_completion_tokens" => "it is `max_tokens` here",
        "mcp_servers" => "call the tools yourself, and list them in `tools`",
        _ => "leave it out",
    };
    let what = format!("is not a field that this server keeps; hint: {hint}");
    Err(Fields::of(body, "")?.refuse(name, &what))
}

/// Refuses what would change the answer and is not carried on; passes what changes nothing.
pub(super) fn check_values(fields: &Fields<'_>) -> Result<(), ApiError> {
    check_thinking(fields)?;
    let tier = fields.string("service_tier")?;
    if !matches!(tier, None | Some("auto" | "standard_only")) {
        return Err(fields.refuse("service_tier", "must be auto or standard_only"));
    }
    if fields.string("speed")?.is_some_and(|speed| speed != "standard") {
        return Err(fields.refuse(
            "speed",
            "must be standard: no model here has another; hint: leave it out",
        ));
    }
    // Breakpoints of a cache change no answer, and what is cached is decided by whoever serves the model.
    fields.object("cache_control")?;
    // An identifier for Anthropic's own watch over abuse: it names nobody that is known here.
    if let Some(metadata) = fields.object("metadata")? {
        metadata.string("user_id")?;
    }
    Ok(())
}

fn check_thinking(fields: &Fields<'_>) -> Result<(), ApiError> {
    let Some(thinking) = fields.object("thinking")? else {
        return Ok(());
    };
    match thinking.required("type")? {
        // Under `adaptive` the model decides how much it thinks, and may not think at all.
        "disabled" | "adaptive" => Ok(()),
        _ => Err(thinking.refuse(
            "type",
            "must be disabled or adaptive: thoughts are not passed on here; hint: leave `thinking` out",
        )),
    }
}
