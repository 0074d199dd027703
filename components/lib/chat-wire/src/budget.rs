//! What a completion may spend beside `max_tokens`: the member `budget`, an extension of Gyre's, read by servers and
//! written by clients. Its names are those of the engine (`docs/engine.md`).

use crate::error::ApiError;
use crate::fields::Fields;
use serde_json::{Map, Value, json};

const NAMES: [&str; 4] = ["total_tokens", "cost_micros_max", "time_ms_max", "deadline_ms"];

/// Bounds beside `max_tokens`; the first that is reached ends the completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Tokens of prompt and completion together.
    pub total_tokens: Option<u32>,
    /// Money, in millionths of the currency of the model's price.
    pub cost_micros_max: Option<u64>,
    /// Milliseconds since the call arrived; then it ends with what there is.
    pub time_ms_max: Option<u64>,
    /// Time of giving up, in milliseconds since the Unix epoch; then it fails.
    pub deadline_ms: Option<u64>,
}

/// Reads it. A name that is not known is refused: a bound that nobody keeps would be worse than none.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Budget, ApiError> {
    let Some(budget) = fields.object("budget")? else {
        return Ok(Budget::default());
    };
    if let Some(unknown) = budget.unknown(&NAMES) {
        let known = NAMES.join(", ");
        let what = format!("is not known; hint: there are {known}, and `max_tokens` beside `budget`");
        return Err(budget.refuse(unknown, &what));
    }
    Ok(Budget {
        total_tokens: budget.count("total_tokens")?,
        cost_micros_max: budget.whole("cost_micros_max")?,
        time_ms_max: budget.whole("time_ms_max")?,
        deadline_ms: budget.whole("deadline_ms")?,
    })
}

/// Writes it; nothing where nothing is bounded.
pub(crate) fn written(budget: &Budget) -> Option<Value> {
    let values = [
        budget.total_tokens.map(u64::from),
        budget.cost_micros_max,
        budget.time_ms_max,
        budget.deadline_ms,
    ];
    let given: Map<_, _> = NAMES
        .into_iter()
        .zip(values)
        .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
        .collect();
    (!given.is_empty()).then_some(Value::Object(given))
}
