//! Grammars from formats and from calls, in the form of the model's family. Their literals match control tokens
//! too: llama.cpp reads a token by its text, whatever its kind.
//!
//! | Family | A call |
//! |---|---|
//! | Hermes | `<tool_call>` `{"name":…,"arguments":…}` `</tool_call>` |
//! | Mistral | `[TOOL_CALLS]` and a list of `{"name":…,"arguments":…}`, or `name[ARGS]{…}` |
//! | Llama | `{"name":…,"parameters":…}`, perhaps after `<\|python_tag\|>` |
//! | Json | `{"name":…,"arguments":…}`, perhaps within a code fence |
//!
//! A call that must be made is the whole answer. Where the model calls as it sees fit, the grammar waits for the
//! beginning of a call. Where tools are offered beside a format, the answer is either of the format or a call.

mod choices;
mod form;

use gyre_engine_ipc::EngineError;
use llama_cpp_2::json_schema_to_grammar;
use minijinja::Value;

use super::family::Family;
use super::request::{ChatRequest, Format, Tool, ToolChoice};
use super::schema;
use super::trigger::Opening;
use crate::quiet;
use choices::{Choices, any_object, written};

/// All schemas of the tools to choose from, together.
const TOOLS_BYTES_MAX: usize = 64 * 1024;
const GRAMMAR_BYTES_MAX: usize = 256 * 1024;

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
    let gbnf = form::root(family, free, &choices) + &form::rules(&gbnf(&choices.schema()?)?);
    Ok(Some(Grammar {
        gbnf,
        opening: free.then(|| form::opening(family, &tools)),
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

fn gbnf(schema: &str) -> Result<String, EngineError> {
    let made = quiet::quietly(|| json_schema_to_grammar(schema)).map_err(unread)?;
    let grammar = made.map_err(|_| wrong("cannot be made a grammar"))?;
    if grammar.len() > GRAMMAR_BYTES_MAX {
        return Err(wrong("makes too large a grammar"));
    }
    Ok(grammar)
}

/// Without silence nothing of a user's is given to llama.cpp.
pub(crate) fn unread(error: std::io::Error) -> EngineError {
    EngineError::internal(format!("no grammar is read: {error}"))
}

fn wrong(what: &str) -> EngineError {
    EngineError::invalid(format!(
        "the schema of the response format or of a tool {what}: simplify it"
    ))
}

fn checked(schema: &Value, of: &str) -> Result<String, EngineError> {
    let text = written(schema)?;
    schema::check(schema, text.len())
        .map_err(|what| EngineError::invalid(format!("the schema of {of} {what}")))?;
    Ok(text)
}

#[cfg(test)]
mod tests;
