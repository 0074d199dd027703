//! All that an answer may be, as one schema. Pure.

use gyre_engine_ipc::EngineError;
use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::json;

use crate::chat::family::Family;
use crate::chat::request::Tool;

/// All that an answer may be, as choices of one schema: choice `n` becomes the rule `alternative-n`.
#[derive(Default)]
pub(super) struct Choices {
    list: Vec<Value>,
    definitions: Vec<Value>,
    /// Of all definitions.
    pub(super) bytes: usize,
    /// The rule of the response format.
    pub(super) format: Option<usize>,
    /// Rules of calls as objects.
    pub(super) calls: Vec<usize>,
    /// Rules of the arguments of each tool, by its name.
    pub(super) named: Vec<(String, usize)>,
}

impl Choices {
    pub(super) fn add(&mut self, choice: Value) -> usize {
        self.list.push(choice);
        self.list.len() - 1
    }

    /// A reference to a schema, which is kept once however often it is used.
    pub(super) fn define(&mut self, schema: &Value, bytes: usize) -> Value {
        let at = format!("#/$defs/{}", self.definitions.len());
        self.definitions.push(moved(schema, &at));
        self.bytes += bytes;
        Value::from_iter([("$ref", Value::from(at))])
    }

    /// A call of a tool, in each way in which the family writes it.
    pub(super) fn call(&mut self, tool: &Tool, family: Family, arguments: &Value) {
        let bytes = written(arguments).map_or(0, |text| text.len());
        let arguments = self.define(arguments, bytes);
        let name = || ("name", constant(&tool.name));
        let ways = match family {
            Family::Hermes | Family::Json => vec![vec![name(), ("arguments", arguments)]],
            Family::Llama => vec![
                vec![name(), ("parameters", arguments.clone())],
                vec![("type", constant("function")), name(), ("parameters", arguments)],
            ],
            Family::Mistral => {
                let rule = self.add(arguments.clone());
                self.named.push((tool.name.clone(), rule));
                let id = Value::from_serialize(json!({ "type": "string", "pattern": "^[a-zA-Z0-9]{9}$" }));
                vec![
                    vec![name(), ("arguments", arguments.clone())],
                    vec![name(), ("arguments", arguments), ("id", id)],
                ]
            }
        };
        for way in ways {
            let rule = self.add(object(way));
            self.calls.push(rule);
        }
    }

    pub(super) fn schema(&self) -> Result<String, EngineError> {
        let definitions = self.definitions.iter().cloned().enumerate();
        let definitions: Value = definitions.map(|(at, it)| (at.to_string(), it)).collect();
        written(&Value::from_iter([
            ("anyOf", Value::from(self.list.clone())),
            ("$defs", definitions),
        ]))
    }
}

fn constant(text: &str) -> Value {
    Value::from_iter([("const", text)])
}

/// An object of just these properties, in this order: the arguments depend on the name.
fn object(properties: Vec<(&'static str, Value)>) -> Value {
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    Value::from_iter([
        ("type", Value::from("object")),
        ("required", Value::from(required)),
        ("properties", Value::from_iter(properties)),
        ("additionalProperties", Value::from(false)),
    ])
}

/// Any object.
pub(super) fn any_object() -> Value {
    Value::from_serialize(json!({ "type": "object" }))
}

/// A schema at another place than the root: its references are led there.
fn moved(schema: &Value, to: &str) -> Value {
    let items = || schema.try_iter().into_iter().flatten();
    match schema.kind() {
        ValueKind::Seq => items().map(|item| moved(&item, to)).collect(),
        ValueKind::Map => items()
            .map(|key| {
                let item = schema.get_item(&key).unwrap_or_default();
                let local = match (key.as_str(), item.as_str()) {
                    (Some("$ref"), Some(reference)) => reference.strip_prefix('#'),
                    _ => None,
                };
                let item = match local {
                    Some(rest) => Value::from(format!("{to}{rest}")),
                    None => moved(&item, to),
                };
                (key, item)
            })
            .collect(),
        _ => schema.clone(),
    }
}

/// A schema as JSON.
pub(super) fn written(schema: &Value) -> Result<String, EngineError> {
    serde_json::to_string(schema)
        .map_err(|error| EngineError::internal(format!("a schema cannot be written: {error}")))
}
