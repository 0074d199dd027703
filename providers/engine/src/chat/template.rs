//! The chat template of a model's file, applied as Hugging Face's libraries apply it.

use gyre_engine_ipc::EngineError;
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind, context};
use serde::Serialize;
use serde_json::json;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::request::{ChatRequest, Message};

const NAME: &str = "chat";
/// Steps of one rendering at most: a template comes with a file from elsewhere.
const FUEL: u64 = 20_000_000;

/// A compiled template.
pub(crate) struct Template {
    environment: Environment<'static>,
    bos: String,
    eos: String,
}

impl Template {
    /// Compiles the template; `bos` and `eos` are the texts of these tokens.
    pub(crate) fn new(source: String, bos: String, eos: String) -> Result<Self, EngineError> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_filter("tojson", to_json);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_template_owned(NAME, source).map_err(|error| {
            tracing::warn!(%error, "a chat template cannot be compiled");
            EngineError::internal("the model's chat template cannot be compiled")
        })?;
        Ok(Self {
            environment,
            bos,
            eos,
        })
    }

    /// The prompt of a conversation.
    pub(crate) fn render(&self, request: &ChatRequest) -> Result<String, EngineError> {
        let tools: Option<Vec<_>> =
            (!request.tools.is_empty()).then(|| request.tools.iter().map(tool).collect());
        let values = context! {
            messages => request.messages.iter().map(message).collect::<Vec<_>>(),
            tools,
            add_generation_prompt => true,
            bos_token => self.bos,
            eos_token => self.eos,
        };
        let template = self
            .environment
            .get_template(NAME)
            .map_err(|error| refused(&error))?;
        template.render(values).map_err(|error| refused(&error))
    }
}

/// What a template raises is meant for the caller; anything else is told by its kind.
fn refused(error: &Error) -> EngineError {
    let why = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    EngineError::invalid(format!(
        "the model's chat template refuses the conversation: {why}"
    ))
}

fn message(message: &Message) -> serde_json::Value {
    let mut value = json!({ "role": message.role, "content": message.content });
    if !message.tool_calls.is_empty() {
        value["tool_calls"] = message
            .tool_calls
            .iter()
            .map(|call| {
                // Templates expect an object; text that is none is shown as it is.
                let arguments =
                    serde_json::from_str(&call.arguments).unwrap_or_else(|_| json!(call.arguments));
                json!({ "id": call.id, "type": "function",
                        "function": { "name": call.name, "arguments": arguments } })
            })
            .collect();
    }
    if let Some(id) = &message.tool_call_id {
        value["tool_call_id"] = json!(id);
    }
    value
}

fn tool(tool: &super::request::Tool) -> serde_json::Value {
    json!({ "type": "function", "function": {
        "name": tool.name, "description": tool.description, "parameters": tool.parameters } })
}

/// Python's `json.dumps`: models were trained on its spaces, and it escapes nothing for HTML.
fn to_json(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let spaces = " ".repeat(indent.unwrap_or_default().min(16));
    let bytes = match indent {
        Some(_) => write_json(value, PrettyFormatter::with_indent(spaces.as_bytes())),
        None => write_json(value, PythonFormatter),
    };
    let text = bytes.and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
    })?;
    Ok(Value::from_safe_string(text))
}

fn write_json(value: &Value, formatter: impl Formatter) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    value
        .serialize(&mut Serializer::with_formatter(&mut bytes, formatter))
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    Ok(bytes)
}

struct PythonFormatter;

impl Formatter for PythonFormatter {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { to.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { to.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, to: &mut W) -> std::io::Result<()> {
        to.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::request::parse;

    fn render(source: &str, request: &str) -> Result<String, EngineError> {
        let template = Template::new(source.to_owned(), "<s>".into(), "</s>".into())?;
        template.render(&parse(request.as_bytes())?)
    }

    #[test]
    fn python_methods_and_json_are_as_models_know_them() {
        let source = "{{ bos_token }}{% for m in messages %}{{ m['content'].strip() }}{% endfor %}{{ tools[0] | tojson }}";
        let request = r#"{"messages":[{"role":"user","content":" a<b "}],
            "tools":[{"name":"t","description":"d","parameters":{"type":"object","x":[1,2]}}]}"#;
        let expected = r#"<s>a<b{"type": "function", "function": {"name": "t", "description": "d", "parameters": {"type": "object", "x": [1, 2]}}}"#;
        let rendered = render(source, request).expect("renders");
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(&rendered[..6], &expected[..6]);
        assert_eq!(parsed(&rendered[6..]), parsed(&expected[6..]));
        assert!(rendered.contains(r#""x": [1, 2]"#), "{rendered}");
    }

    #[test]
    fn what_a_template_raises_reaches_the_caller() {
        let error = render(
            "{{ raise_exception('roles must alternate') }}",
            r#"{"messages":[{"role":"user","content":"x"}]}"#,
        );
        assert!(
            error
                .expect_err("raised")
                .to_string()
                .contains("roles must alternate")
        );
    }

    #[test]
    fn an_endless_template_runs_out_of_fuel() {
        let source = "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}";
        assert!(render(source, r#"{"messages":[{"role":"user","content":"x"}]}"#).is_err());
    }
}
