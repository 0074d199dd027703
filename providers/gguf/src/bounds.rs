//! Numbers of a header that llama.cpp asserts or divides by: with others it ends its whole process.

use std::collections::BTreeMap;

use crate::{GgufError, Value};

/// As many layers as llama.cpp has room for.
const LAYERS_MAX: u64 = 512;
/// As many experts as llama.cpp has room for.
const EXPERTS_MAX: u64 = 1024;
/// Numbers that llama.cpp keeps as signed integers of 32 bits.
const SIGNED_MAX: u64 = i32::MAX as u64;

/// What each number of the model may be, by the end of its key.
const BOUNDS: [(&str, u64, u64); 4] = [
    ("block_count", 1, LAYERS_MAX),
    ("context_length", 1, SIGNED_MAX),
    ("expert_count", 0, EXPERTS_MAX),
    ("nextn_predict_layers", 0, LAYERS_MAX),
];

/// Refuses a file whose numbers no model has.
pub(crate) fn check(metadata: &BTreeMap<String, Value>) -> Result<(), GgufError> {
    let architecture = metadata
        .get("general.architecture")
        .and_then(Value::as_str)
        .unwrap_or_default();
    for (name, least, most) in BOUNDS {
        let key = format!("{architecture}.{name}");
        let Some(value) = metadata.get(&key) else {
            continue;
        };
        if !value
            .as_u64()
            .is_some_and(|number| (least..=most).contains(&number))
        {
            return Err(GgufError::malformed(format!(
                "its `{key}` is not between {least} and {most}"
            )));
        }
    }
    let number = |name: &str| {
        metadata
            .get(&format!("{architecture}.{name}"))
            .and_then(Value::as_u64)
    };
    if number("nextn_predict_layers") > number("block_count") {
        return Err(GgufError::malformed("it predicts by more layers than it has"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_no_model_are_told_by_their_key() {
        let check = |layers: Value, wrong: bool| {
            let metadata = [
                ("general.architecture".to_owned(), Value::String("llama".into())),
                ("llama.block_count".to_owned(), layers.clone()),
                ("llama.context_length".to_owned(), Value::U32(4096)),
            ];
            let told = check(&metadata.into()).err().map(|error| error.to_string());
            assert_eq!(
                told.as_ref()
                    .is_some_and(|told| told.contains("`llama.block_count`")),
                wrong,
                "{layers:?}: {told:?}"
            );
        };
        check(Value::U32(1), false);
        check(Value::U32(512), false);
        check(Value::U32(513), true);
        check(Value::U32(0), true);
        check(Value::String("many".into()), true);
        check(Value::I32(-1), true);
    }
}
