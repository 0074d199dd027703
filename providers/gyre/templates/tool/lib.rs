//! A tool: counts the words of a text.

use exports::gyre::tool::tool::Guest;
use exports::gyre::tool::types::{Context, Effects, Error, Output, ToolSpec};
use serde_json::{Value, json};

wit_bindgen::generate!({ path: "wit", world: "local:tool/tool", generate_all });

const NAME: &str = "count_words";

struct Leaf;

export!(Leaf);

impl Guest for Leaf {
    fn describe() -> Vec<ToolSpec> {
        let input = json!({
            "type": "object",
            "properties": { "text": { "type": "string", "description": "The text to count in" } },
            "required": ["text"],
            "additionalProperties": false,
        });
        let output = json!({
            "type": "object",
            "properties": { "words": { "type": "integer" } },
            "required": ["words"],
        });
        vec![ToolSpec {
            name: NAME.to_owned(),
            description: "Counts the words of a text.".to_owned(),
            input_schema: input.to_string(),
            output_schema: Some(output.to_string()),
            effects: Effects::Pure,
        }]
    }

    async fn call(name: String, arguments: String, _context: Context) -> Result<Output, Error> {
        if name != NAME {
            return Err(Error::UnknownTool);
        }
        let arguments: Value = serde_json::from_str(&arguments)
            .map_err(|error| Error::InvalidArguments(format!("the arguments are no JSON: {error}")))?;
        let text = arguments["text"]
            .as_str()
            .ok_or_else(|| Error::InvalidArguments("give `text` as a string".to_owned()))?;
        let words = text.split_whitespace().count();
        Ok(Output {
            text: format!("{words} words"),
            structured: Some(json!({ "words": words }).to_string()),
        })
    }
}
