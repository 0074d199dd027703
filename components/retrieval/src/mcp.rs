//! The tool `search_knowledge`, as MCP.

use gyre_agent_wire::passage::SEARCH_TOOL;
use gyre_agent_wire::{Passages, Problem};
use gyre_mcp_wire::Tool;
use gyre_mcp_wire::server::{self, Call, INVALID_PARAMS, Refusal};
use serde_json::{Map, Value, json};

use crate::request::{LIMIT_DEFAULT, LIMIT_MAX, QUERY_BYTES_MAX, SearchRequest};

/// What is to be done for a call.
#[derive(Debug)]
pub enum Task {
    /// The answer is known.
    Answer(Vec<u8>),
    /// Search first.
    Search(SearchRequest),
}

/// Reads what a call wants; wrong arguments are refused.
pub fn task(id: &Value, call: Call) -> Result<Task, Refusal> {
    match call {
        Call::Discover => Ok(Task::Answer(server::discovered(
            id,
            "gyre-retrieval",
            env!("CARGO_PKG_VERSION"),
        ))),
        Call::ListTools => Ok(Task::Answer(server::listed(id, &[tool()]))),
        Call::CallTool { name, arguments } if name == SEARCH_TOOL => arguments_of(arguments)
            .map(Task::Search)
            .map_err(|why| Refusal::new(400, id, INVALID_PARAMS, why)),
        Call::CallTool { .. } => {
            let message = format!("there is no such tool; there is {SEARCH_TOOL}");
            Err(Refusal::new(400, id, INVALID_PARAMS, message))
        }
    }
}

fn arguments_of(arguments: Map<String, Value>) -> Result<SearchRequest, String> {
    let request: SearchRequest = gyre_mcp_http::arguments(arguments)?;
    match request.check() {
        Ok(_) => Ok(request),
        Err(problem) => Err(gyre_mcp_http::told(&problem)),
    }
}

/// The answer to a search. What the search failed of is for the model to read.
#[must_use]
pub fn answer(id: &Value, found: Result<Passages, Problem>) -> Vec<u8> {
    let found = found.map(|mut found| {
        // Scores say nothing outside of one ranking.
        found.passages.iter_mut().for_each(|p| p.score = None);
        found
    });
    gyre_mcp_http::answer(id, found)
}

fn tool() -> Tool {
    let line = json!({ "type": "integer", "minimum": 1 });
    let passage = json!({
        "type": "object",
        "properties": {
            "id": { "type": "string" },
            "source": { "type": "string" },
            "span": {
                "type": "object",
                "properties": { "start_line": line, "end_line": line },
                "required": ["start_line", "end_line"],
            },
            "text": { "type": "string" },
        },
        "required": ["id", "source", "span", "text"],
    });
    let retrieval = json!({
        "type": "object",
        "properties": {
            "mode": { "enum": ["hybrid", "lexical"] },
            "embedding_model": { "type": ["string", "null"] },
            "reason": { "type": ["string", "null"] },
        },
        "required": ["mode", "embedding_model", "reason"],
    });
    Tool {
        name: SEARCH_TOOL.to_owned(),
        description: "Finds passages of the user's documents, by meaning and by words.".to_owned(),
        input_schema: json!({
            "type": "object",
            "properties": {
                "query": { "type": "string", "minLength": 1, "maxLength": QUERY_BYTES_MAX },
                "limit": { "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT },
            },
            "required": ["query"],
            "additionalProperties": false,
        }),
        output_schema: Some(json!({
            "type": "object",
            "properties": { "passages": { "type": "array", "items": passage }, "retrieval": retrieval },
            "required": ["passages", "retrieval"],
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, arguments: Value) -> Call {
        let Value::Object(arguments) = arguments else {
            panic!("an object")
        };
        Call::CallTool {
            name: name.into(),
            arguments,
        }
    }

    #[test]
    fn only_right_calls_of_the_tool_search() {
        let id = json!(1);
        let search = task(&id, call(SEARCH_TOOL, json!({ "query": "q", "limit": 3 })));
        assert!(
            matches!(search, Ok(Task::Search(SearchRequest { limit: Some(3), .. }))),
            "{search:?}"
        );
        for (name, arguments) in [
            ("other", json!({ "query": "q" })),
            (SEARCH_TOOL, json!({})),
            (SEARCH_TOOL, json!({ "query": "" })),
            (SEARCH_TOOL, json!({ "query": "q", "limit": 51 })),
            (SEARCH_TOOL, json!({ "query": "q", "more": 1 })),
        ] {
            let refused = task(&id, call(name, arguments.clone())).expect_err("wrong");
            assert_eq!(refused.code, INVALID_PARAMS, "{name} {arguments}");
        }
    }

    #[test]
    fn a_failed_search_is_a_result_that_says_so() {
        let body = answer(&json!(1), Err(Problem::new(503, "x", "busy", "again")));
        let json: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(json["result"]["isError"], true);
        assert_eq!(json["result"]["content"][0]["text"], "busy. hint: again");
    }

    #[test]
    fn the_tool_tells_its_schemas() {
        let Ok(Task::Answer(body)) = task(&json!("a"), Call::ListTools) else {
            panic!("no answer")
        };
        let json: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            json["result"]["tools"][0]["inputSchema"]["required"],
            json!(["query"])
        );
    }
}
