//! The rules for what a tool says of itself.

use crate::error::Error;
use crate::sandbox::bindings::exports::gyre::tool::types as port;
use gyre_tool_specs::{Effects, ToolSpec};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const TOOLS_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 64;
const DESCRIPTION_BYTES_MAX: usize = 4 * 1024;
const SCHEMA_BYTES_MAX: usize = 32 * 1024;

/// Checks what a leaf said.
pub(crate) fn checked(file: &Path, said: Vec<port::ToolSpec>) -> Result<Vec<ToolSpec>, Error> {
    let wrong = |(what, cure)| Error::Spec {
        file: file.to_owned(),
        what,
        cure,
    };
    if said.is_empty() || said.len() > TOOLS_MAX {
        let what = format!("it describes {} tools", said.len());
        return Err(wrong((what, "a component has 1 to 64 tools")));
    }
    let mut names = BTreeSet::new();
    let mut tools = Vec::new();
    for spec in said {
        let tool = tool(spec).map_err(wrong)?;
        if !names.insert(tool.name.clone()) {
            let what = format!("it describes the tool `{}` twice", tool.name);
            return Err(wrong((what, "give each tool a name of its own")));
        }
        tools.push(tool);
    }
    Ok(tools)
}

type Wrong = (String, &'static str);

fn tool(spec: port::ToolSpec) -> Result<ToolSpec, Wrong> {
    let name = spec.name;
    let plain = |sign: u8| sign.is_ascii_alphanumeric() || sign == b'_' || sign == b'-';
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(plain) {
        let shown: String = name.escape_debug().take(NAME_BYTES_MAX).collect();
        return Err((
            format!("`{shown}` is no name for a tool"),
            "use 1 to 64 letters, digits, `_` and `-`",
        ));
    }
    let description = spec.description;
    if description.trim().is_empty() || description.len() > DESCRIPTION_BYTES_MAX {
        return Err((
            format!(
                "the description of the tool `{name}` has {} bytes",
                description.len()
            ),
            "say in 1 to 4096 bytes what it does and when to use it",
        ));
    }
    let input_schema = schema(&name, "input", &spec.input_schema)?;
    let output_schema = spec
        .output_schema
        .map(|text| schema(&name, "output", &text))
        .transpose()?;
    let effects = match spec.effects {
        port::Effects::Pure => Effects::Pure,
        port::Effects::Reads => Effects::Reads,
        port::Effects::Writes => Effects::Writes,
    };
    Ok(ToolSpec {
        name,
        description,
        input_schema,
        output_schema,
        effects,
    })
}

fn schema(name: &str, side: &str, text: &str) -> Result<Value, Wrong> {
    if text.len() > SCHEMA_BYTES_MAX {
        let what = format!("the {side} schema of the tool `{name}` has {} bytes", text.len());
        return Err((what, "a schema has 32768 bytes at most"));
    }
    let schema: Option<Value> = serde_json::from_str(text).ok();
    match schema {
        Some(schema) if schema["type"] == "object" => Ok(schema),
        _ => Err((
            format!("the {side} schema of the tool `{name}` is no JSON Schema of an object"),
            r#"write it as {"type": "object", "properties": {…}}"#,
        )),
    }
}
