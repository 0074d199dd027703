//! Tools and their results.

use serde_json::{Map, Value, json};

/// A tool, as `tools/list` tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON Schema (2020-12) of its arguments.
    pub input_schema: Value,
    /// JSON Schema (2020-12) of its structured content.
    pub output_schema: Option<Value>,
}

impl Tool {
    pub(crate) fn to_json(&self) -> Value {
        let mut json = json!({
            "name": self.name, "description": self.description, "inputSchema": self.input_schema,
        });
        if let Some(schema) = &self.output_schema {
            json["outputSchema"] = schema.clone();
        }
        json
    }
}

/// What a client may believe of a tool it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotations {
    /// It changes nothing.
    pub read_only: bool,
    /// It may destroy what is there; says nothing of a tool that changes nothing.
    pub destructive: bool,
    /// A second call with the same arguments changes nothing more.
    pub idempotent: bool,
    /// It reaches beyond what its server holds.
    pub open_world: bool,
}

impl Annotations {
    pub(crate) fn to_json(self) -> Value {
        json!({
            "readOnlyHint": self.read_only,
            "destructiveHint": self.destructive,
            "idempotentHint": self.idempotent,
            "openWorldHint": self.open_world,
        })
    }
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// Whether the tool failed. The model may see why in the text.
    pub is_error: bool,
    /// The answer as text.
    pub text: String,
    /// The answer as values.
    pub structured: Option<Value>,
}

impl ToolResult {
    /// An answer of values, with their JSON as the text copy.
    #[must_use]
    pub fn structured(value: Value) -> Self {
        Self {
            is_error: false,
            text: value.to_string(),
            structured: Some(value),
        }
    }

    /// A failure, for the model to read.
    pub fn failed(text: impl Into<String>) -> Self {
        Self {
            is_error: true,
            text: text.into(),
            structured: None,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("resultType".into(), "complete".into());
        json.insert("content".into(), json!([{ "type": "text", "text": self.text }]));
        json.insert("isError".into(), self.is_error.into());
        if let Some(value) = &self.structured {
            json.insert("structuredContent".into(), value.clone());
        }
        Value::Object(json)
    }
}
