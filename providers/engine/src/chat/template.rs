//! The chat template of a model's file, applied as Hugging Face's libraries apply it.

mod python;
#[cfg(test)]
mod tests;

use std::io;

use gyre_engine_ipc::EngineError;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, context};

use super::ability::{Ability, Arguments};
use super::conversation::conversation;
use super::family::Family;
use super::request::ChatRequest;
use super::special::Special;
use super::turns::Conversation;

const NAME: &str = "chat";
/// Steps of one rendering at most: a template comes with a file from elsewhere.
const FUEL: u64 = 20_000_000;
/// Steps of rendering a conversation of a few words.
const FUEL_PROBE: u64 = 500_000;
/// Bytes of a prompt at most.
const PROMPT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A compiled template.
pub(crate) struct Template {
    environment: Environment<'static>,
    tokens: Special,
    family: Family,
    ability: Ability,
}

impl Template {
    /// Compiles the template and finds out what it can express.
    pub(crate) fn new(source: &str, tokens: Special) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_fuel(Some(FUEL_PROBE));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_filter("tojson", python::to_json);
        environment.add_function("strftime_now", python::strftime_now);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_template_owned(NAME, without_training_marks(source))?;
        let mut template = Self {
            environment,
            tokens,
            family: Family::Json,
            ability: Ability::default(),
        };
        template.ability = Ability::of(|conversation| template.apply(conversation).ok());
        template.environment.set_fuel(Some(FUEL));
        if template.ability.tools.is_some() {
            template.family = Family::of(source);
        }
        // A form that we do not read would come as text: such a model is asked for JSON.
        if template.family == Family::Json {
            template.ability.tools = None;
        }
        Ok(template)
    }

    /// How the model writes calls: as its template shows them, or as we ask for them.
    pub(crate) fn family(&self) -> Family {
        self.family
    }

    /// The prompt of a conversation; texts hold marks where they spell what only the template may write.
    pub(crate) fn render(&self, request: &ChatRequest) -> Result<String, EngineError> {
        let mut conversation = conversation(request, self.ability, &self.tokens);
        if self.family == Family::Mistral {
            conversation.shorten_ids();
        }
        let rendered = self.apply(&conversation).or_else(|error| {
            // Some templates know one call a turn.
            match conversation.with_single_calls() {
                Some(single) => self.apply(&single).map_err(|_| error),
                None => Err(error),
            }
        });
        rendered.map_err(|error| refused(&error))
    }

    fn apply(&self, conversation: &Conversation) -> Result<String, Error> {
        let arguments_are_texts = self.ability.tools == Some(Arguments::Text);
        let messages: Vec<Value> = conversation
            .turns
            .iter()
            .map(|turn| turn.value(arguments_are_texts))
            .collect();
        let values = context! {
            messages,
            tools => conversation.tools,
            add_generation_prompt => true,
            bos_token => self.tokens.bos,
            eos_token => self.tokens.eos,
        };
        let mut prompt = Bounded(Vec::new());
        let template = self.environment.get_template(NAME)?;
        template.render_captured_to(values, &mut prompt)?;
        // minijinja writes strings only.
        Ok(String::from_utf8_lossy(&prompt.0).into_owned())
    }
}

/// What is rendered, which ends where it is too large for a prompt: a template may multiply what it is given.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > PROMPT_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Marks of what an assistant wrote are for training; without them the template is the same.
fn without_training_marks(source: &str) -> String {
    let mut source = source.to_owned();
    for (mark, nothing) in [("generation", "if true"), ("endgeneration", "endif")] {
        for (open, close) in [("{%", "%}"), ("{%-", "%}"), ("{%", "-%}"), ("{%-", "-%}")] {
            source = source.replace(
                &format!("{open} {mark} {close}"),
                &format!("{open} {nothing} {close}"),
            );
        }
    }
    source
}

/// What a template raises is meant for the caller; anything else is told by its kind.
fn refused(error: &Error) -> EngineError {
    if error.kind() == ErrorKind::WriteFailure {
        return EngineError::invalid("the prompt is too large: shorten the conversation");
    }
    let why = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    EngineError::invalid(format!(
        "the model's chat template refuses the conversation: {why}"
    ))
}
