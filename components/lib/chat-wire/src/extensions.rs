//! What Gyre adds to every face, by the same names: `budget`, `adapter`, `tenant`; and OpenAI's `service_tier`.

use crate::error::ApiError;
use crate::fields::Fields;
use crate::types::ChatRequest;
use crate::{behalf, budget};

/// Reads them from the top level of a request's body into `request`.
pub fn read_extensions(fields: &Fields<'_>, request: &mut ChatRequest) -> Result<(), ApiError> {
    request.budget = budget::read(fields)?;
    request.adapter = behalf::adapter(fields)?;
    request.tenant = behalf::tenant(fields)?;
    request.priority = behalf::priority(fields)?;
    Ok(())
}
