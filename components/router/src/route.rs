//! The policy: the first backend that says it has a model serves it. Pure.

use gyre_chat_wire::{ApiError, ModelEntry};

/// Backends that may be configured.
const BACKENDS_MAX: usize = 32;

/// What a backend said when it was asked for its models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// Its Spin id.
    pub(crate) backend: String,
    /// Its models; `None` when it did not answer.
    pub(crate) models: Option<Vec<ModelEntry>>,
}

/// Reads the variable `backends`: Spin ids separated by commas.
pub(crate) fn backends(variable: &str) -> Result<Vec<String>, ApiError> {
    let ids: Vec<String> = variable
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    let valid = |id: &String| {
        id.bytes()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
    };
    if ids.is_empty() || ids.len() > BACKENDS_MAX || !ids.iter().all(valid) {
        return Err(ApiError::new(
            500,
            "misconfigured",
            format!(
                "the router's variable `backends` must hold 1 to {BACKENDS_MAX} component ids; \
                 hint: set it in [component.router.variables], as in \"model-extractive,model-local\""
            ),
        ));
    }
    Ok(ids)
}

/// All models, each once, owned by the backend that serves it.
pub(crate) fn merge(reports: &[Report]) -> Vec<ModelEntry> {
    let mut merged: Vec<ModelEntry> = Vec::new();
    for report in reports {
        for model in report.models.iter().flatten() {
            if merged.iter().all(|known| known.id != model.id) {
                merged.push(ModelEntry {
                    owned_by: report.backend.clone(),
                    ..model.clone()
                });
            }
        }
    }
    merged
}

/// Reports in the order of their backends, however they came.
pub(crate) fn in_order(mut reports: Vec<Report>, backends: &[String]) -> Vec<Report> {
    reports.sort_by_key(|report| backends.iter().position(|backend| *backend == report.backend));
    reports
}

/// Whether this backend has the model.
pub(crate) fn serves(report: &Report, model: &str) -> bool {
    report.models.iter().flatten().any(|known| known.id == model)
}

/// Why no backend serves `model`.
pub(crate) fn nowhere(model: &str, reports: &[Report]) -> ApiError {
    let silent: Vec<&str> = reports
        .iter()
        .filter(|it| it.models.is_none())
        .map(|it| it.backend.as_str())
        .collect();
    let there = merge(reports)
        .into_iter()
        .map(|it| it.id)
        .collect::<Vec<_>>()
        .join(", ");
    let there = if there.is_empty() {
        "none".to_owned()
    } else {
        there
    };
    if silent.is_empty() {
        return ApiError::new(
            404,
            "model_not_found",
            format!(
                "there is no model `{model}`; hint: name one of these: {there}; \
                 or grant it in `ai_models` of a backend and put its file into the models folder, \
                 or name a model server with `remote_model_url`"
            ),
        )
        .with_param("model");
    }
    let silent = silent.join(", ");
    ApiError::new(
        503,
        "backend_unavailable",
        format!(
            "no backend that answers has the model `{model}`, and these do not answer: {silent}; \
             hint: see the host's log for them, or name one of these models: {there}"
        ),
    )
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
