//! The tools that Gyre itself has, as their builds froze them.

use serde_json::json;

use crate::data::Tool;

/// Finds passages.
pub(crate) const SEARCH: &str = "search_knowledge";
/// Calculates.
pub(crate) const CALCULATE: &str = "calculate";
/// Tells the time.
pub(crate) const NOW: &str = "now";
/// Counts days.
pub(crate) const DATE_DIFFERENCE: &str = "date_difference";

/// Names of all of them: they are the same in every split.
pub const OWN_TOOLS: [&str; 4] = [SEARCH, CALCULATE, NOW, DATE_DIFFERENCE];

/// The tool that `components/lib/agent-loop` offers for searching.
pub(crate) fn search() -> Tool {
    Tool {
        name: SEARCH.to_owned(),
        description:
            "Finds passages of the user's documents, each with its mark. Cite a passage by its mark, as in [1]."
                .to_owned(),
        parameters: json!({
            "additionalProperties": false,
            "properties": { "query": { "description": "what to look for", "type": "string" } },
            "required": ["query"],
            "type": "object",
        }),
    }
}

/// The tool of `components/tool-calculator`.
pub(crate) fn calculate() -> Tool {
    Tool {
        name: CALCULATE.to_owned(),
        description: "Calculates an arithmetic expression exactly where it can. Use it for every calculation instead of doing it \
             yourself. Operators + - * / % (remainder) ^ (power), parentheses; functions sqrt, cbrt, abs, round, floor, ceil, trunc, exp, ln, \
             log2, log10, sin, cos, tan, asin, acos, atan (radians), min, max; constants pi, tau, e."
            .to_owned(),
        parameters: json!({
            "additionalProperties": false,
            "properties": { "expression": {
                "description": "for example: (17.5 + 2) * 3^2 / sqrt(2)",
                "maxLength": 1024,
                "minLength": 1,
                "type": "string",
            } },
            "required": ["expression"],
            "type": "object",
        }),
    }
}

/// The first tool of `components/tool-clock`.
pub(crate) fn now() -> Tool {
    Tool {
        name: NOW.to_owned(),
        description: "Tells the current date, time and day of the week, in UTC and in a time zone. Use it whenever an answer depends on \
             today's date or the time of day."
            .to_owned(),
        parameters: json!({
            "additionalProperties": false,
            "properties": { "time_zone": {
                "description": "IANA name, for example Europe/Berlin; UTC unless given",
                "maxLength": 64,
                "minLength": 1,
                "type": "string",
            } },
            "type": "object",
        }),
    }
}

/// The second tool of `components/tool-clock`.
pub(crate) fn date_difference() -> Tool {
    let date = json!({ "format": "date", "maxLength": 64, "type": "string" });
    Tool {
        name: DATE_DIFFERENCE.to_owned(),
        description: "Counts the days from one date to another, and says the same in years, months and days. Dates are year-month-day. \
             It is negative when the second date comes first."
            .to_owned(),
        parameters: json!({
            "additionalProperties": false,
            "properties": { "from": date, "to": date },
            "required": ["from", "to"],
            "type": "object",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn our_tools_are_those_that_were_frozen() -> anyhow::Result<()> {
        let calculator: Value = serde_json::from_str(include_str!(
            "../../../../../tests/contracts/tools/tool-calculator.json"
        ))?;
        let clock: Value = serde_json::from_str(include_str!(
            "../../../../../tests/contracts/tools/tool-clock.json"
        ))?;
        for (tool, frozen) in [
            (calculate(), &calculator[0]),
            (now(), &clock[0]),
            (date_difference(), &clock[1]),
        ] {
            assert_eq!(tool.name, frozen["name"]);
            assert_eq!(tool.description, frozen["description"]);
            assert_eq!(tool.parameters, frozen["input_schema"]);
        }
        Ok(())
    }
}
