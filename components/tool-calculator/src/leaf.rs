//! The port, over `tool`.
#![expect(
    unsafe_code,
    reason = "wit-bindgen's export! defines the canonical ABI entry points"
)]

use crate::tool::{self, CALCULATE};
use exports::gyre::tool::tool::Guest;
use exports::gyre::tool::types::{Context, Effects, Error, Output, ToolSpec};

wit_bindgen::generate!({
    path: ["../../wit/tool", "wit"],
    world: "gyre:tool-calculator/tool-calculator@0.1.0",
    generate_all,
});

struct Leaf;

export!(Leaf with_types_in self);

impl Guest for Leaf {
    fn describe() -> Vec<ToolSpec> {
        vec![ToolSpec {
            name: CALCULATE.to_owned(),
            description: tool::DESCRIPTION.to_owned(),
            input_schema: tool::input_schema(),
            output_schema: Some(tool::output_schema()),
            effects: Effects::Pure,
        }]
    }

    async fn call(name: String, arguments: String, _context: Context) -> Result<Output, Error> {
        if name != CALCULATE {
            return Err(Error::UnknownTool);
        }
        let answer = tool::calculate(&arguments).map_err(Error::InvalidArguments)?;
        Ok(Output {
            text: answer.text,
            structured: Some(answer.structured),
        })
    }
}
