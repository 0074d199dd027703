//! Grammars from formats and from calls, in the form of the model's family. Their literals match control tokens
//! too: llama.cpp reads a token by its text, whatever its kind.
//!
//! | Family | A call |
//! |---|---|
//! | Hermes | `<tool_call>` `{"name":…,"arguments":…}` `</tool_call>` |
//! | Mistral | `[TOOL_CALLS]` and a list of `{"name":…,"arguments":…}`, or `name[ARGS]{…}` |
//! | Llama | `{"name":…,"parameters":…}`, perhaps after `<|python_tag|>` |
//! | Json | `{"name":…,"arguments":…}`, perhaps within a code fence |
//!
//! A call that must be made is the whole answer. Where the model calls as it sees fit, the grammar waits for the
//! beginning of a call. Where tools are offered beside a format, the answer is either of the format or a call.

use std::fmt::Write;

use gyre_engine_ipc::EngineError;
use llama_cpp_2::json_schema_to_grammar;
use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::json;

use super::family::Family;
use super::request::{ChatRequest, Format, Tool, ToolChoice};
use super::schema;
use super::trigger::Opening;

/// All schemas of the tools to choose from, together.
const TOOLS_BYTES_MAX: usize = 64 * 1024;
const GRAMMAR_BYTES_MAX: usize = 256 * 1024;
/// The rule of one call; no rule that is made of a schema has its name.
const CALL: &str = "gyre-call";

/// A GBNF grammar.
pub(crate) struct Grammar {
    pub(crate) gbnf: String,
    /// It is in force from here on; `None`: from the first token.
    pub(crate) opening: Option<Opening>,
}

/// What of a call is held to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The name, and the arguments by their schema.
    Schemas,
    /// The name, and that the arguments are an object.
    Names,
}

/// Whether the model calls as it sees fit, in an answer of any form.
pub(crate) fn is_free(request: &ChatRequest) -> bool {
    request.tool_choice == ToolChoice::Auto && matches!(request.format, Format::Text)
}

/// The grammar of a request; `None` where any text will do.
pub(crate) fn of(request: &ChatRequest, family: Family, hold: Hold) -> Result<Option<Grammar>, EngineError> {
    let tools: Vec<&Tool> = match &request.tool_choice {
        ToolChoice::Auto | ToolChoice::Required => request.tools.iter().collect(),
        ToolChoice::Tool { name } => request.tools.iter().filter(|tool| tool.name == *name).collect(),
    };
    let format = match (&request.tool_choice, &request.format) {
        (ToolChoice::Auto, Format::JsonObject) => Some(any_object()),
        (ToolChoice::Auto, Format::JsonSchema { schema }) => Some(schema.clone()),
        _ => None,
    };
    if tools.is_empty() {
        let schema = format
            .map(|format| checked(&format, "the response format"))
            .transpose()?;
        let gbnf = schema.map(|schema| gbnf(&schema)).transpose()?;
        return Ok(gbnf.map(|gbnf| Grammar { gbnf, opening: None }));
    }
    let free = is_free(request);
    let mut choices = Choices::default();
    if let Some(format) = &format {
        let text = checked(format, "the response format")?;
        let defined = choices.define(format, text.len());
        choices.format = Some(choices.add(defined));
    }
    for tool in &tools {
        let arguments = arguments(tool, hold, free)?;
        choices.call(tool, family, &arguments);
    }
    if choices.bytes > TOOLS_BYTES_MAX {
        return Err(EngineError::invalid(format!(
            "the tools' schemas are too large to hold a call to them: at most {TOOLS_BYTES_MAX} bytes together"
        )));
    }
    let gbnf = root(family, free, &choices) + &rules(&gbnf(&choices.schema()?)?);
    Ok(Some(Grammar {
        gbnf,
        opening: free.then(|| opening(family, &tools)),
    }))
}

/// The schema that the arguments of a tool are held to.
fn arguments(tool: &Tool, hold: Hold, free: bool) -> Result<Value, EngineError> {
    let schema = &tool.parameters;
    if hold == Hold::Names || schema.len() == Some(0) {
        return Ok(any_object());
    }
    match checked(schema, &format!("the tool `{}`", tool.name)) {
        Ok(_) => Ok(schema.clone()),
        Err(_) if free => Ok(any_object()),
        Err(error) => Err(error),
    }
}

fn any_object() -> Value {
    Value::from_serialize(json!({ "type": "object" }))
}

/// All that an answer may be, as choices of one schema: choice `n` becomes the rule `alternative-n`.
#[derive(Default)]
struct Choices {
    list: Vec<Value>,
    definitions: Vec<Value>,
    /// Of all definitions.
    bytes: usize,
    /// The rule of the response format.
    format: Option<usize>,
    /// Rules of calls as objects.
    calls: Vec<usize>,
    /// Rules of the arguments of each tool, by its name.
    named: Vec<(String, usize)>,
}

impl Choices {
    fn add(&mut self, choice: Value) -> usize {
        self.list.push(choice);
        self.list.len() - 1
    }

    /// A reference to a schema, which is kept once however often it is used.
    fn define(&mut self, schema: &Value, bytes: usize) -> Value {
        let at = format!("#/$defs/{}", self.definitions.len());
        self.definitions.push(moved(schema, &at));
        self.bytes += bytes;
        Value::from_iter([("$ref", Value::from(at))])
    }

    /// A call of a tool, in each way in which the family writes it.
    fn call(&mut self, tool: &Tool, family: Family, arguments: &Value) {
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

    fn schema(&self) -> Result<String, EngineError> {
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

/// The rules of a grammar without its root.
fn rules(gbnf: &str) -> String {
    let kept = gbnf.lines().filter(|line| !line.starts_with("root ::="));
    kept.fold(String::with_capacity(gbnf.len()), |rules, line| {
        rules + line + "\n"
    })
}

/// What the answer is: one call or the format where it is forced, any calls where a call was begun freely.
/// A space may come first: some tokenizers put one before a text.
fn root(family: Family, free: bool, choices: &Choices) -> String {
    let rule = |at: &usize| format!("alternative-{at}");
    let calls: Vec<String> = choices.calls.iter().map(rule).collect();
    let mut named = String::new();
    for (name, at) in &choices.named {
        let bar = if named.is_empty() { "" } else { " | " };
        let name = literal(name);
        // Writing to a text does not fail.
        let _ = write!(
            named,
            r#"{bar}{name} ("[CALL_ID]" [a-zA-Z0-9]{{9}})? "[ARGS]"? space alternative-{at}"#
        );
    }
    let one = match family {
        Family::Hermes => r#""<tool_call>" space gyre-call space "</tool_call>""#,
        Family::Mistral => r#""[TOOL_CALLS]" space ("[" space gyre-call space "]" | gyre-named)"#,
        Family::Llama | Family::Json => "gyre-call",
    };
    let root = match (family, free) {
        (_, false) => match &choices.format {
            Some(format) => format!("{one} | {}", rule(format)),
            None => one.to_owned(),
        },
        (Family::Hermes, true) => format!(r#"" "? {one} (space {one})* space"#),
        (Family::Mistral, true) => r#"" "? "[TOOL_CALLS]" space ("[" space gyre-call (space "," space gyre-call)* space "]" | gyre-named ("[TOOL_CALLS]" space gyre-named)*) space"#.to_owned(),
        (Family::Llama, true) => {
            r#"" "? ("<|python_tag|>" space)? gyre-call (space ";" space gyre-call)* space"#.to_owned()
        }
        (Family::Json, true) => r#"" "? gyre-call (space gyre-call)* space ("```" space)?"#.to_owned(),
    };
    let mut text = format!("root ::= {root}\n{CALL} ::= {}\n", calls.join(" | "));
    if !named.is_empty() {
        let _ = writeln!(text, "gyre-named ::= {named}");
    }
    text
}

/// How a call of these begins in a text that may be anything.
fn opening(family: Family, tools: &[&Tool]) -> Opening {
    let quoted = |tool: &&Tool| serde_json::Value::from(tool.name.as_str()).to_string();
    let names = || tools.iter().map(quoted).collect();
    match family {
        Family::Hermes => Opening {
            tag: Some("<tool_call>"),
            ..Opening::default()
        },
        Family::Mistral => Opening {
            tag: Some("[TOOL_CALLS]"),
            ..Opening::default()
        },
        Family::Llama => Opening {
            tag: Some("<|python_tag|>"),
            names: names(),
            typed: true,
        },
        Family::Json => Opening {
            names: names(),
            ..Opening::default()
        },
    }
}

/// A text as a literal of a grammar.
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            other => literal.push(other),
        }
    }
    literal + "\""
}

fn gbnf(schema: &str) -> Result<String, EngineError> {
    let grammar = json_schema_to_grammar(schema).map_err(|_| wrong("cannot be made a grammar"))?;
    if grammar.len() > GRAMMAR_BYTES_MAX {
        return Err(wrong("makes too large a grammar"));
    }
    Ok(grammar)
}

fn wrong(what: &str) -> EngineError {
    EngineError::invalid(format!(
        "the schema of the response format or of a tool {what}: simplify it"
    ))
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

fn checked(schema: &Value, of: &str) -> Result<String, EngineError> {
    let text = written(schema)?;
    schema::check(schema, text.len())
        .map_err(|what| EngineError::invalid(format!("the schema of {of} {what}")))?;
    Ok(text)
}

fn written(schema: &Value) -> Result<String, EngineError> {
    serde_json::to_string(schema)
        .map_err(|error| EngineError::internal(format!("a schema cannot be written: {error}")))
}

#[cfg(test)]
mod tests;
