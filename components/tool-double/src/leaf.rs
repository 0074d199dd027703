//! The port: each tool is one way to misbehave, but `echo`.
#![expect(
    unsafe_code,
    reason = "wit-bindgen's export! defines the canonical ABI entry points"
)]

use exports::gyre::tool::tool::Guest;
use exports::gyre::tool::types::{Context, Effects, Error, Output, ToolSpec};
use serde_json::{Value, json};
use spin_sdk::wasip3::clocks::monotonic_clock;

wit_bindgen::generate!({
    path: ["../../wit/tool", "wit"],
    world: "gyre:tool-double/tool-double@0.1.0",
    generate_all,
});

const INTRODUCTION: &str = "I am tool-double, not a tool.";
const HANG_NS: u64 = 600_000_000_000;
/// More than any bound on a tool's answer.
const BIG_BYTES: usize = 1 << 20;

/// Name, description, effects.
const TOOLS: [(&str, &str, Effects); 6] = [
    (
        "echo",
        "Answers with its arguments and on whose behalf it was called.",
        Effects::Pure,
    ),
    ("fail", "Fails.", Effects::Reads),
    ("hang", "Answers after ten minutes.", Effects::Reads),
    ("junk", "Answers with JSON that is not an object.", Effects::Reads),
    ("broken", "Answers with what is not JSON.", Effects::Reads),
    ("big", "Answers with a text of a mebibyte.", Effects::Writes),
];

struct Leaf;

export!(Leaf with_types_in self);

impl Guest for Leaf {
    fn describe() -> Vec<ToolSpec> {
        let spec = |(name, description, effects): &(&str, &str, Effects)| ToolSpec {
            name: (*name).to_owned(),
            description: format!("For tests only. {description}"),
            input_schema: json!({ "type": "object" }).to_string(),
            output_schema: None,
            effects: *effects,
        };
        TOOLS.iter().map(spec).collect()
    }

    async fn call(name: String, arguments: String, context: Context) -> Result<Output, Error> {
        let structured = match name.as_str() {
            "echo" => echo(&arguments, &context)?,
            "fail" => return Err(Error::Failed(format!("{INTRODUCTION} It was told to fail."))),
            "hang" => {
                monotonic_clock::wait_for(HANG_NS).await;
                return Err(Error::Failed(format!("{INTRODUCTION} It hung for ten minutes.")));
            }
            "junk" => "[1, 2]".to_owned(),
            "broken" => "{".to_owned(),
            "big" => {
                return Ok(Output {
                    text: format!("{INTRODUCTION} {}", "x".repeat(BIG_BYTES)),
                    structured: None,
                });
            }
            _ => return Err(Error::UnknownTool),
        };
        Ok(Output {
            text: INTRODUCTION.to_owned(),
            structured: Some(structured),
        })
    }
}

fn echo(arguments: &str, context: &Context) -> Result<String, Error> {
    let arguments: Value =
        serde_json::from_str(arguments).map_err(|error| Error::InvalidArguments(error.to_string()))?;
    let told = json!({
        "arguments": arguments,
        "tenant": context.tenant, "run": context.run, "deadline_ms": context.deadline_ms,
    });
    Ok(told.to_string())
}
