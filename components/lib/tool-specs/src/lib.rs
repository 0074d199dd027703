//! What a tool leaf said of itself when it was built: the file `tool-<name>.json`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where components find the files.
pub const FOLDER: &str = "/tools";
/// Bytes of a file.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The tools of a component, frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenTools<Schema = Value> {
    /// The leaf, for example `tool-calculator`.
    pub component: String,
    /// `sha256:` and the digest of its bytes.
    pub digest: String,
    /// Its tools, as it gave them.
    pub tools: Vec<ToolSpec<Schema>>,
}

/// A tool, frozen or as its leaf describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolSpec<Schema = Value> {
    /// Its name.
    pub name: String,
    /// What it does, for models.
    pub description: String,
    /// JSON Schema of its arguments.
    pub input_schema: Schema,
    /// JSON Schema of its structured answer.
    pub output_schema: Option<Schema>,
    /// What a call changes.
    pub effects: Effects,
}

/// What a call changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effects {
    /// Nothing, and it depends on its arguments only.
    Pure,
    /// Nothing, but it depends on the world.
    Reads,
    /// The world.
    Writes,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Too many bytes.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// Not the JSON expected.
    #[error("{0}")]
    Json(String),
    /// Of another component.
    #[error("it is of {0}")]
    Component(String),
}

/// The name of a component's file in the folder.
#[must_use]
pub fn file_name(component: &str) -> String {
    format!("{component}.json")
}

impl<Schema: DeserializeOwned> FrozenTools<Schema> {
    /// Reads the file of `component`, which may have `limit_bytes`.
    pub fn parse(component: &str, file: &[u8], limit_bytes: usize) -> Result<Self, FileError> {
        if file.len() > limit_bytes {
            return Err(FileError::TooLong(limit_bytes));
        }
        let frozen: Self =
            serde_json::from_slice(file).map_err(|error| FileError::Json(error.to_string()))?;
        if frozen.component != component {
            return Err(FileError::Component(frozen.component));
        }
        Ok(frozen)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::RawValue;

    use super::*;

    fn file() -> Value {
        json!({
            "component": "tool-a", "digest": "sha256:00",
            "tools": [{ "name": "one", "description": "d", "input_schema": { "type": "object" }, "output_schema": null, "effects": "pure" }],
        })
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = file().to_string();
        let frozen: FrozenTools =
            FrozenTools::parse("tool-a", text.as_bytes(), FILE_BYTES_MAX).expect("right");
        assert_eq!(json!(frozen), file());
        let kept: FrozenTools<Box<RawValue>> =
            FrozenTools::parse("tool-a", text.as_bytes(), FILE_BYTES_MAX).expect("right");
        assert_eq!(kept.tools[0].input_schema.get(), r#"{"type":"object"}"#);
        assert!(kept.tools[0].output_schema.is_none());
    }

    #[test]
    fn wrong_files_are_refused_with_the_reason() {
        let mut more = file();
        more["more"] = json!(1);
        let mut strange = file();
        strange["tools"][0]["effects"] = json!("magic");
        for (component, file, limit, said) in [
            ("tool-a", "{".to_owned(), 9, "EOF"),
            ("tool-a", more.to_string(), 999, "unknown field `more`"),
            ("tool-a", strange.to_string(), 999, "magic"),
            ("tool-b", file().to_string(), 999, "it is of tool-a"),
            ("tool-a", file().to_string(), 9, "longer than 9 bytes"),
        ] {
            let read: Result<FrozenTools, _> = FrozenTools::parse(component, file.as_bytes(), limit);
            let why = read.expect_err(said).to_string();
            assert!(why.contains(said), "{why}");
        }
    }
}
