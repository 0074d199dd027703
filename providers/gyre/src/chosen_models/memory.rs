//! Whether models fit into the memory that is free.

use super::error::ModelError;
use super::file::LocalModel;
use super::size::Size;
use gyre_engine_ipc::EngineConfig;

/// Refuses models that together need more than is free; where that cannot be told, nothing is refused.
pub(super) fn check(
    models: &[LocalModel],
    free: Option<u64>,
    config: &EngineConfig,
) -> Result<(), ModelError> {
    let needed = models
        .iter()
        .fold(0_u64, |sum, model| sum.saturating_add(model.needs().0));
    match free {
        Some(free) if needed > free => {
            let names: Vec<_> = models.iter().map(|model| model.name.as_str()).collect();
            Err(ModelError::Memory {
                what: names.join(" and "),
                needed: Size(needed),
                free: Size(free),
                context: config.context_tokens_max,
                parallel: config.sequences_max,
            })
        }
        _ => Ok(()),
    }
}
