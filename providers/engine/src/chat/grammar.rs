//! Grammars from formats. A too deep one aborts llama.cpp, so schemas are capped before it sees them.

use gyre_engine_ipc::EngineError;
use llama_cpp_2::json_schema_to_grammar;
use serde_json::Value;

use super::request::Format;

const SCHEMA_BYTES_MAX: usize = 32 * 1024;
const SCHEMA_DEPTH_MAX: usize = 32;
const GRAMMAR_BYTES_MAX: usize = 256 * 1024;

/// The GBNF grammar of a format; `None` for free text.
pub(crate) fn of(format: &Format) -> Result<Option<String>, EngineError> {
    let schema = match format {
        Format::Text => return Ok(None),
        Format::JsonObject => r#"{"type":"object"}"#.to_owned(),
        Format::JsonSchema { schema } => checked(schema)?,
    };
    let grammar = json_schema_to_grammar(&schema).map_err(|_| {
        EngineError::invalid("the response format's schema cannot be made a grammar: simplify it")
    })?;
    if grammar.len() > GRAMMAR_BYTES_MAX {
        return Err(EngineError::invalid(
            "the response format's schema makes too large a grammar: simplify it",
        ));
    }
    Ok(Some(grammar))
}

fn checked(schema: &Value) -> Result<String, EngineError> {
    let text = schema.to_string();
    if text.len() > SCHEMA_BYTES_MAX || depth(schema) > SCHEMA_DEPTH_MAX {
        let message = format!(
            "the response format's schema is too large: at most {SCHEMA_BYTES_MAX} bytes and {SCHEMA_DEPTH_MAX} levels"
        );
        return Err(EngineError::invalid(message));
    }
    Ok(text)
}

/// serde_json reads 128 levels at most, so this recursion is bounded.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_schema_is_refused() {
        let deep = (0..40).fold(
            serde_json::json!({}),
            |inner, _| serde_json::json!({ "not": inner }),
        );
        assert!(matches!(
            of(&Format::JsonSchema { schema: deep }),
            Err(EngineError::Invalid { .. })
        ));
        assert!(of(&Format::JsonObject).is_ok_and(|grammar| grammar.is_some_and(|it| it.contains("root"))));
    }
}
