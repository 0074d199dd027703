//! How a completion is served, and on whose behalf: an adapter, a tenant, an urgency. Read by servers and written by
//! clients.

use crate::error::ApiError;
use crate::fields::Fields;

const ADAPTER_BYTES_MAX: usize = 128;
const TENANT_BYTES_MAX: usize = 128;

/// How urgent a completion is: OpenAI's `service_tier`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// `flex`: after the others.
    Low,
    /// `default`, `auto`, or nothing.
    #[default]
    Normal,
    /// `priority`: before the others.
    High,
}

/// Reads `service_tier`.
pub(crate) fn priority(fields: &Fields<'_>) -> Result<Priority, ApiError> {
    match fields.string("service_tier")? {
        None | Some("auto" | "default") => Ok(Priority::Normal),
        Some("flex") => Ok(Priority::Low),
        Some("priority") => Ok(Priority::High),
        Some(_) => Err(fields.refuse("service_tier", "must be auto, default, flex or priority")),
    }
}

/// The name of an urgency; nothing for the usual one.
pub(crate) fn tier(priority: Priority) -> Option<&'static str> {
    match priority {
        Priority::Low => Some("flex"),
        Priority::Normal => None,
        Priority::High => Some("priority"),
    }
}

/// Reads `adapter`, an extension of Gyre's: a LoRA adapter of the model, by name.
pub(crate) fn adapter(fields: &Fields<'_>) -> Result<Option<String>, ApiError> {
    name(fields, "adapter", ADAPTER_BYTES_MAX)
}

/// Reads `tenant`, an extension of Gyre's. Whether whoever sent it may name one is not told here.
pub(crate) fn tenant(fields: &Fields<'_>) -> Result<Option<String>, ApiError> {
    name(fields, "tenant", TENANT_BYTES_MAX)
}

fn name(fields: &Fields<'_>, field: &str, bytes_max: usize) -> Result<Option<String>, ApiError> {
    let Some(name) = fields.string(field)? else {
        return Ok(None);
    };
    if (1..=bytes_max).contains(&name.len()) && !name.contains(char::is_control) {
        return Ok(Some(name.to_owned()));
    }
    let what = format!("must be a name of 1 to {bytes_max} bytes without control characters");
    Err(fields.refuse(field, &what))
}
