//! The list of models, a page at a time.

use gyre_chat_wire::{ApiError, ModelEntry};
use serde_json::{Value, json};

const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 1_000;

/// Which part of the list is wanted: the query of `GET /v1/models`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelQuery {
    limit: usize,
    from: From,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum From {
    Start,
    After(String),
    Before(String),
}

impl ModelQuery {
    /// Reads a query, without its question mark. Names it does not know are ignored, as of every address.
    pub fn parse(query: &str) -> Result<Self, ApiError> {
        let mut limit = LIMIT_DEFAULT;
        let mut from = From::Start;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "limit" => {
                    let given = value.parse().ok().filter(|it| (1..=LIMIT_MAX).contains(it));
                    let what = format!("`limit` must be a whole number from 1 to {LIMIT_MAX}");
                    limit = given.ok_or_else(|| ApiError::invalid("limit", what))?;
                }
                "after_id" | "before_id" if from != From::Start => {
                    let what = "`after_id` and `before_id` may not stand together; hint: send one of them";
                    return Err(ApiError::invalid(name, what));
                }
                "after_id" => from = From::After(value.into_owned()),
                "before_id" => from = From::Before(value.into_owned()),
                _ => {}
            }
        }
        Ok(Self { limit, from })
    }
}

/// The body of `GET /v1/models`: the models that can chat, as far as that is known.
pub fn render_models(models: &[ModelEntry], query: &ModelQuery) -> Result<Value, ApiError> {
    let chats =
        |model: &&ModelEntry| model.abilities.is_empty() || model.abilities.iter().any(|it| it == "chat");
    let models: Vec<&ModelEntry> = models.iter().filter(chats).collect();
    let position = |id: &str, param: &'static str| {
        let found = models.iter().position(|model| model.id == id);
        found.ok_or_else(|| ApiError::invalid(param, format!("`{param}` is the id of no model in the list")))
    };
    let (start, end) = match &query.from {
        From::Start => (0, query.limit.min(models.len())),
        From::After(id) => {
            let start = position(id, "after_id")? + 1;
            (start, (start + query.limit).min(models.len()))
        }
        From::Before(id) => {
            let end = position(id, "before_id")?;
            (end.saturating_sub(query.limit), end)
        }
    };
    let page = &models[start..end];
    let has_more = match query.from {
        From::Before(_) => start > 0,
        From::Start | From::After(_) => end < models.len(),
    };
    Ok(json!({
        "data": page.iter().map(|model| render_model(model)).collect::<Vec<_>>(),
        "has_more": has_more,
        "first_id": page.first().map(|model| &model.id),
        "last_id": page.last().map(|model| &model.id),
    }))
}

/// One model: the body of `GET /v1/models/{id}`.
#[must_use]
pub fn render_model(model: &ModelEntry) -> Value {
    json!({
        "type": "model",
        "id": model.id,
        "display_name": model.id,
        // The API's value for a date that is not known.
        "created_at": "1970-01-01T00:00:00Z",
        "lifecycle": "active",
        "deprecated_at": null,
        "retires_at": null,
        "line": null,
        "max_input_tokens": null,
        "max_tokens": null,
        "capabilities": null,
    })
}
