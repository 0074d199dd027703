//! The port, over the two tools.
#![expect(
    unsafe_code,
    reason = "wit-bindgen's export! defines the canonical ABI entry points"
)]

use crate::arguments::ArgumentError;
use crate::{Answer, difference, now};
use exports::gyre::tool::tool::Guest;
use exports::gyre::tool::types::{Context, Effects, Error, Output, ToolSpec};
use std::time::{SystemTime, UNIX_EPOCH};

wit_bindgen::generate!({
    path: ["../../wit/tool", "wit"],
    world: "gyre:tool-clock/tool-clock@0.1.0",
    generate_all,
});

struct Leaf;

export!(Leaf with_types_in self);

impl Guest for Leaf {
    fn describe() -> Vec<ToolSpec> {
        vec![
            ToolSpec {
                name: now::NAME.to_owned(),
                description: now::DESCRIPTION.to_owned(),
                input_schema: now::input_schema(),
                output_schema: Some(now::output_schema()),
                effects: Effects::Reads,
            },
            ToolSpec {
                name: difference::NAME.to_owned(),
                description: difference::DESCRIPTION.to_owned(),
                input_schema: difference::input_schema(),
                output_schema: Some(difference::output_schema()),
                effects: Effects::Pure,
            },
        ]
    }

    async fn call(name: String, arguments: String, _context: Context) -> Result<Output, Error> {
        let answered = match name.as_str() {
            now::NAME => now::now(&arguments, unix_ms().map_err(failed)?),
            difference::NAME => difference::difference(&arguments),
            _ => return Err(Error::UnknownTool),
        };
        let Answer { text, structured } = answered.map_err(failed)?;
        Ok(Output {
            text,
            structured: Some(structured),
        })
    }
}

fn failed(error: ArgumentError) -> Error {
    match error {
        ArgumentError::Clock => Error::Failed(error.to_string()),
        _ => Error::InvalidArguments(error.to_string()),
    }
}

fn unix_ms() -> Result<i64, ArgumentError> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|_| ArgumentError::Clock)?;
    i64::try_from(since.as_millis()).map_err(|_| ArgumentError::Clock)
}
