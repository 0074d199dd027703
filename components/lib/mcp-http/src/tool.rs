//! What a service's own tools read and answer.

use gyre_agent_wire::Problem;
use gyre_mcp_wire::{ToolResult, server};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// Reads arguments; says what is wrong with them.
pub fn arguments<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| format!("wrong arguments: {error}"))
}

/// A problem, in words.
#[must_use]
pub fn told(problem: &Problem) -> String {
    format!("{}. hint: {}", problem.detail, problem.hint)
}

/// The answer to a call; what it failed of is in the result, for the caller to read.
#[must_use]
pub fn answer(id: &Value, outcome: Result<impl Serialize, Problem>) -> Vec<u8> {
    let result = match outcome.map(serde_json::to_value) {
        Ok(Ok(value)) => ToolResult::structured(value),
        Ok(Err(_)) => ToolResult::failed("the answer could not be written as JSON"),
        Err(problem) => ToolResult::failed(told(&problem)),
    };
    server::called(id, &result)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_a_result_failed_or_not() {
        let busy = Err(Problem::new(503, "x", "busy", "again"));
        for (outcome, failed, said) in [
            (Ok(json!({ "a": 1 })), false, r#"{"a":1}"#),
            (busy, true, "busy. hint: again"),
        ] {
            let json: Value = serde_json::from_slice(&answer(&json!(1), outcome)).expect("JSON");
            assert_eq!(json["result"]["isError"], failed);
            assert_eq!(json["result"]["content"][0]["text"], said);
        }
    }

    #[test]
    fn arguments_are_read_or_refused_with_the_reason() {
        let given = || Map::from_iter([("a".to_owned(), json!(1))]);
        assert_eq!(
            arguments(given()),
            Ok(std::collections::BTreeMap::from([("a".to_owned(), 1)]))
        );
        let why = arguments::<Vec<u8>>(given()).expect_err("no list");
        assert!(why.starts_with("wrong arguments: "), "{why}");
    }
}
