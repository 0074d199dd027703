//! A template once it is compiled. What it takes is bounded by who calls it.

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, context};

use super::bounded::Bounded;
use super::python;
use crate::chat::ability::{Ability, Arguments};
use crate::chat::family::Family;
use crate::chat::special::Special;
use crate::chat::turns::Conversation;

const NAME: &str = "chat";
/// Steps of one rendering at most: a template comes with a file from elsewhere.
const FUEL: u64 = 20_000_000;
/// Steps of rendering a conversation of a few words.
const FUEL_PROBE: u64 = 500_000;
/// Bytes of a prompt at most.
const PROMPT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A template, and what it can express.
pub(super) struct Compiled {
    environment: Environment<'static>,
    pub(super) tokens: Special,
    pub(super) family: Family,
    pub(super) ability: Ability,
}

impl Compiled {
    /// Compiles the template and finds out what it can express.
    pub(super) fn new(source: &str, tokens: Special) -> Result<Self, Error> {
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

    pub(super) fn render(&self, conversation: &Conversation) -> Result<String, Error> {
        self.apply(conversation).or_else(|error| {
            // Some templates know one call a turn.
            match conversation.with_single_calls() {
                Some(single) => self.apply(&single).map_err(|_| error),
                None => Err(error),
            }
        })
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
        let mut prompt = Bounded::new(PROMPT_BYTES_MAX);
        let template = self.environment.get_template(NAME)?;
        template.render_captured_to(values, &mut prompt)?;
        // minijinja writes strings only.
        String::from_utf8(prompt.bytes).map_err(|_| ErrorKind::BadSerialization.into())
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
