//! Grammars from formats and from calls that must be made. A too deep one aborts llama.cpp, so schemas are
//! capped before it sees them.
//!
//! A call that must be made is the JSON object `{"name":…,"arguments":…}` in every family: the forms of some
//! are told by control tokens, over which a grammar has no say. Where tools are offered beside a format, the
//! answer is either of the format or a call.

use gyre_engine_ipc::EngineError;
use llama_cpp_2::json_schema_to_grammar;
use minijinja::Value;
use minijinja::value::ValueKind;
use serde::Serialize;
use serde_json::json;

use super::request::{ChatRequest, Format, Tool, ToolChoice};

const SCHEMA_BYTES_MAX: usize = 32 * 1024;
const SCHEMA_DEPTH_MAX: usize = 32;
/// All schemas of the tools to choose from, together.
const TOOLS_BYTES_MAX: usize = 64 * 1024;
const GRAMMAR_BYTES_MAX: usize = 256 * 1024;

/// A GBNF grammar and what it makes.
pub(crate) struct Grammar {
    pub(crate) gbnf: String,
    /// It may make a call, as bare JSON.
    pub(crate) calls: bool,
}

/// A call of one tool, as a schema. Its name comes first: the arguments depend on it.
#[derive(Serialize)]
struct CallSchema {
    r#type: &'static str,
    properties: CallProperties,
    required: [&'static str; 2],
    #[serde(rename = "additionalProperties")]
    additional_properties: bool,
}

#[derive(Serialize)]
struct CallProperties {
    name: serde_json::Value,
    arguments: Value,
}

/// The grammar of a request; `None` where any text will do.
pub(crate) fn of(request: &ChatRequest) -> Result<Option<Grammar>, EngineError> {
    let tools: Vec<&Tool> = match &request.tool_choice {
        ToolChoice::Auto if matches!(request.format, Format::Text) => Vec::new(),
        ToolChoice::Auto | ToolChoice::Required => request.tools.iter().collect(),
        ToolChoice::Tool { name } => request.tools.iter().filter(|tool| tool.name == *name).collect(),
    };
    let format = match (&request.tool_choice, &request.format) {
        (ToolChoice::Auto, Format::JsonObject) => Some(Value::from_serialize(json!({ "type": "object" }))),
        (ToolChoice::Auto, Format::JsonSchema { schema }) => Some(schema.clone()),
        _ => None,
    };
    if tools.is_empty() && format.is_none() {
        return Ok(None);
    }
    let gbnf = gbnf(&schema(&tools, format.as_ref())?)?;
    let calls = !tools.is_empty();
    Ok(Some(Grammar { gbnf, calls }))
}

fn gbnf(schema: &str) -> Result<String, EngineError> {
    let wrong = |what: &str| {
        let message = format!("the schema of the response format or of a tool {what}: simplify it");
        EngineError::invalid(message)
    };
    let grammar = json_schema_to_grammar(schema).map_err(|_| wrong("cannot be made a grammar"))?;
    if grammar.len() > GRAMMAR_BYTES_MAX {
        return Err(wrong("makes too large a grammar"));
    }
    Ok(grammar)
}

/// One schema of all that may be written.
fn schema(tools: &[&Tool], format: Option<&Value>) -> Result<String, EngineError> {
    if let (Some(format), []) = (format, tools) {
        return checked(format, "the response format");
    }
    let mut choices = Vec::new();
    let mut definitions = Vec::new();
    let mut define = |schema: &Value, name: &str| {
        let at = format!("#/$defs/{}", definitions.len());
        let text = checked(schema, name)?;
        definitions.push(moved(schema, &at));
        Ok::<_, EngineError>((Value::from_iter([("$ref", Value::from(at))]), text.len()))
    };
    let mut bytes = 0;
    if let Some(format) = format {
        choices.push(define(format, "the response format")?.0);
    }
    for tool in tools {
        let (arguments, length) = define(&tool.parameters, &format!("the tool `{}`", tool.name))?;
        bytes += length;
        let name = json!({ "const": tool.name });
        choices.push(Value::from_serialize(CallSchema {
            r#type: "object",
            properties: CallProperties { name, arguments },
            required: ["name", "arguments"],
            additional_properties: false,
        }));
    }
    if bytes > TOOLS_BYTES_MAX {
        let message = format!(
            "the tools' schemas are too large to force a call: at most {TOOLS_BYTES_MAX} bytes together"
        );
        return Err(EngineError::invalid(message));
    }
    let definitions = definitions.into_iter().enumerate();
    let definitions: Value = definitions.map(|(at, it)| (at.to_string(), it)).collect();
    written(&Value::from_iter([
        ("anyOf", Value::from(choices)),
        ("$defs", definitions),
    ]))
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
    if text.len() > SCHEMA_BYTES_MAX || depth(schema) > SCHEMA_DEPTH_MAX {
        let message = format!(
            "the schema of {of} is too large: at most {SCHEMA_BYTES_MAX} bytes and {SCHEMA_DEPTH_MAX} levels"
        );
        return Err(EngineError::invalid(message));
    }
    super::schema::check(schema)
        .map_err(|wrong| EngineError::invalid(format!("the schema of {of} cannot be kept to: {wrong}")))?;
    Ok(text)
}

fn written(schema: &Value) -> Result<String, EngineError> {
    serde_json::to_string(schema)
        .map_err(|error| EngineError::internal(format!("a schema cannot be written: {error}")))
}

/// serde_json reads 128 levels at most, so this recursion is bounded.
fn depth(value: &Value) -> usize {
    let items = || value.try_iter().into_iter().flatten();
    match value.kind() {
        ValueKind::Seq => 1 + items().map(|item| depth(&item)).max().unwrap_or_default(),
        ValueKind::Map => {
            let of = |key: Value| value.get_item(&key).map_or(0, |item| depth(&item));
            1 + items().map(of).max().unwrap_or_default()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::check::parse;

    fn request(rest: &str) -> ChatRequest {
        let json = format!(r#"{{"messages":[{{"role":"user","content":"x"}}],{rest}}}"#);
        parse(json.as_bytes()).expect("valid")
    }

    #[test]
    fn a_deep_schema_is_refused() {
        let deep = (0..40).fold(json!({}), |inner, _| json!({ "not": inner }));
        for rest in [
            format!(r#""format":{{"type":"json_schema","schema":{deep}}}"#),
            format!(r#""tools":[{{"name":"t","parameters":{deep}}}],"tool_choice":{{"type":"required"}}"#),
        ] {
            assert!(
                matches!(of(&request(&rest)), Err(EngineError::Invalid { .. })),
                "{rest}"
            );
        }
    }

    #[test]
    fn a_grammar_is_made_where_one_is_needed() {
        const TOOLS: &str = r#""tools":[{"name":"first","parameters":{"type":"object"}},
            {"name":"second","parameters":{"type":"object"}}]"#;
        let check = |rest: &str, calls: Option<bool>, parts: &[&str], absent: &[&str]| {
            let grammar = of(&request(&format!("{TOOLS},{rest}"))).expect("valid");
            assert_eq!(grammar.as_ref().map(|it| it.calls), calls, "{rest}");
            let gbnf = grammar.map(|it| it.gbnf).unwrap_or_default();
            assert!(parts.iter().all(|part| gbnf.contains(part)), "{gbnf}");
            assert!(!absent.iter().any(|part| gbnf.contains(part)), "{gbnf}");
        };
        check(r#""stop":[]"#, None, &[], &[]);
        check(
            r#""tool_choice":{"type":"required"}"#,
            Some(true),
            &["first", "second"],
            &[],
        );
        let named = r#""tool_choice":{"type":"tool","name":"second"}"#;
        check(named, Some(true), &["second"], &["first"]);
        let schema = r#""format":{"type":"json_schema","schema":{"enum":["red"]}}"#;
        check(schema, Some(true), &["red", "first", "second"], &[]);
        check(&format!("{named},{schema}"), Some(true), &["second"], &["red"]);
        let alone = of(&request(r#""format":{"type":"json_object"}"#))
            .expect("valid")
            .expect("one");
        assert!(!alone.calls && alone.gbnf.contains("root"));
    }

    #[test]
    fn references_and_the_order_of_properties_are_kept() {
        let rest = r##""tools":[{"name":"t","parameters":{"type":"object","properties":{
            "zulu":{"$ref":"#/$defs/colour"},"alpha":{"type":"integer"}},"required":["zulu","alpha"],
            "$defs":{"colour":{"enum":["teal"]}}}}],"tool_choice":{"type":"required"}"##;
        let grammar = of(&request(rest)).expect("valid").expect("one");
        assert!(grammar.gbnf.contains("teal"), "{}", grammar.gbnf);
        let place = |part: &str| grammar.gbnf.find(part).expect("is there");
        assert!(place("zulu") > 0 && place("alpha") > 0);
        let object = grammar
            .gbnf
            .lines()
            .find(|line| line.contains("zulu-kv") && line.contains("alpha-kv"));
        let object = object.expect("a rule of the object");
        assert!(object.find("zulu-kv") < object.find("alpha-kv"), "{object}");
    }
}
