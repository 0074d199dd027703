//! What a call of the leaf becomes: a result that a model can read, within bounds, whatever the leaf did.

use gyre_mcp_wire::ToolResult;
use serde_json::Value;

/// Bytes of an answer's text, and of its structured copy.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How a call of the leaf ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It answered.
    Answered {
        /// For the model.
        text: String,
        /// The same as JSON.
        structured: Option<String>,
    },
    /// It does not have a tool that it describes.
    UnknownTool,
    /// The arguments do not fit.
    InvalidArguments(String),
    /// It tried and failed.
    Failed(String),
    /// The run's time was over.
    DeadlinePassed,
}

/// The result of a call of `tool`, which `promises` a structured answer or not.
#[must_use]
pub fn result(tool: &str, promises: bool, outcome: Outcome) -> ToolResult {
    match outcome {
        Outcome::Answered { text, structured } => answered(tool, promises, text, structured.as_deref()),
        Outcome::UnknownTool => failed(
            tool,
            "answered that it does not exist; hint: the component is broken, go on without it",
        ),
        Outcome::InvalidArguments(why) => ToolResult::failed(bounded(format!("Invalid arguments: {why}"))),
        Outcome::Failed(why) => ToolResult::failed(bounded(format!("The tool `{tool}` failed: {why}"))),
        Outcome::DeadlinePassed => failed(tool, "did not answer before the deadline of the run"),
    }
}

fn answered(tool: &str, promises: bool, text: String, structured: Option<&str>) -> ToolResult {
    let longest = structured.map_or(0, str::len).max(text.len());
    if longest > ANSWER_BYTES_MAX {
        let what =
            format!("answered with {longest} bytes, {ANSWER_BYTES_MAX} are the most; hint: ask for less");
        return failed(tool, &what);
    }
    let structured: Option<Value> = match structured.map(serde_json::from_str) {
        None if promises => {
            return failed(
                tool,
                "answered with junk: without the JSON that its output schema promises",
            );
        }
        None => None,
        Some(Ok(value @ Value::Object(_))) => Some(value),
        Some(Ok(_)) => return failed(tool, "answered with junk: JSON that is not an object"),
        Some(Err(_)) => return failed(tool, "answered with junk: its structured answer is not JSON"),
    };
    ToolResult {
        is_error: false,
        text,
        structured,
    }
}

fn failed(tool: &str, what: &str) -> ToolResult {
    ToolResult::failed(format!("The tool `{tool}` {what}."))
}

/// The words of a leaf, cut where they are too many.
fn bounded(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(ANSWER_BYTES_MAX));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(promises: bool, text: &str, structured: Option<&str>) -> ToolResult {
        let outcome = Outcome::Answered {
            text: text.to_owned(),
            structured: structured.map(str::to_owned),
        };
        result("t", promises, outcome)
    }

    #[test]
    fn a_good_answer_is_passed_on() {
        assert_eq!(
            of(false, "5", None),
            ToolResult {
                is_error: false,
                text: "5".into(),
                structured: None
            }
        );
        let found = of(true, "5", Some(r#"{"value":5}"#));
        assert_eq!(
            (found.is_error, found.structured),
            (false, Some(json!({ "value": 5 })))
        );
        assert!(
            !of(false, &"x".repeat(ANSWER_BYTES_MAX), None).is_error,
            "just fits"
        );
    }

    #[test]
    fn what_a_tool_does_wrong_is_told_to_the_model() {
        let long = "ü".repeat(ANSWER_BYTES_MAX);
        for (found, said) in [
            (of(false, "5", Some("[1]")), "junk: JSON that is not an object"),
            (
                of(false, "5", Some("{")),
                "junk: its structured answer is not JSON",
            ),
            (of(true, "5", None), "output schema promises"),
            (of(false, &long, None), "131072 bytes"),
            (of(false, "5", Some(&long)), "131072 bytes"),
            (result("t", false, Outcome::UnknownTool), "does not exist"),
            (
                result("t", false, Outcome::InvalidArguments("a is missing".into())),
                "a is missing",
            ),
            (
                result("t", false, Outcome::Failed("no disk".into())),
                "`t` failed: no disk",
            ),
            (result("t", false, Outcome::DeadlinePassed), "deadline of the run"),
            (result("t", false, Outcome::Failed(long.clone())), "`t` failed: ü"),
        ] {
            assert!(found.is_error && found.structured.is_none(), "{found:?}");
            assert!(
                found.text.contains(said) && found.text.len() <= ANSWER_BYTES_MAX,
                "{said}"
            );
        }
    }
}
